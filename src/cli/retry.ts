import type { ActOptions } from "./act-command.js";
import { itemCommand } from "./item-command.js";

export interface RetryOptions extends ActOptions {
  /** Lets the next run change the protected paths that the last one failed for. */
  readonly protected?: boolean | undefined;
}

/** `stagecoach retry`: as `/retry`. */
export function retry(item: string, options: RetryOptions): Promise<never> {
  const allowance = options.protected ? ({ allowProtected: true } as const) : {};
  return itemCommand("retry", item, { kind: "retry", ...allowance }, options);
}
