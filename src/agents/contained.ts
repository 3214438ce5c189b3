import { type ProcessOutcome, runSupervised, type SupervisedCommand } from "./process.js";
import type { Confines, Contain } from "./sandbox.js";

/**
 * Runs a command contained and supervised. What contains it may have broken since it was looked into:
 * its exit code would then be taken for the command's, which never ran. So after one that failed it is
 * looked into again.
 */
export async function runContained(
  contain: Contain,
  confines: Confines,
  order: SupervisedCommand,
): Promise<ProcessOutcome> {
  const outcome = await runSupervised({ ...order, command: contain(order.command, confines) });
  if (outcome.kind !== "exited" || outcome.code === 0) return outcome;
  const why = contain.broken?.(confines) ?? null;
  return why === null ? outcome : { kind: "unstartable", reason: why, tail: "" };
}
