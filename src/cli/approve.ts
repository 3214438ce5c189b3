import type { ActOptions } from "./act-command.js";
import { itemCommand } from "./item-command.js";

/** `stagecoach approve`: as `/approve`. @param commit null: the one that was asked for */
export function approve(item: string, commit: string | null, options: ActOptions): Promise<never> {
  return itemCommand("approve", item, { kind: "approve", sha: commit }, options);
}
