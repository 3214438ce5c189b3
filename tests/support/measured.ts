import { monitorEventLoopDelay } from "node:perf_hooks";

/** Generous: the test's own work and other suites share the loop and the machine. */
export const LONGEST_DELAY_MS = 2_000;

/** What `act` did to this process, the receiver's: MB it grew by, and its loop's longest delay. */
export async function measured(act: () => Promise<void>) {
  const before = process.memoryUsage().rss;
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  await act();
  delay.disable();
  const grownMb = (process.memoryUsage().rss - before) / 1024 / 1024;
  return { grownMb, longestMs: delay.max / 1e6 };
}
