import type { ActOptions } from "./act-command.js";
import { itemCommand } from "./item-command.js";

/** `stagecoach cancel`: as `/cancel`. */
export function cancel(item: string, options: ActOptions): Promise<never> {
  return itemCommand("cancel", item, { kind: "cancel" }, options);
}
