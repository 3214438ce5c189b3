import type { Store } from "../../src/cli/wiring/store.js";
import { PARKED_MS } from "../../src/queue/flow-jobs.js";

/** What a test waits for at most, in ms; a bound on failure, not an expectation. */
const PATIENCE_MS = 50_000;
const QUIET_LOOKS = 3;

/**
 * A chain of jobs always has one at work, in wait, or soon due; the queues' states aren't one
 * snapshot, so quiet must be seen several times in a row.
 */
export async function untilQuiet(store: Store, except: readonly string[] = []): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (let quiet = 0; quiet < QUIET_LOOKS; ) {
    const busy = (await atWork(store)).filter((id) => !except.includes(id));
    quiet = busy.length === 0 ? quiet + 1 : 0;
    if (Date.now() > deadline) throw new Error(`the fleet does not rest: ${busy.join(", ")}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function atWork({ queues, items }: Store): Promise<string[]> {
  const names = WORKED_QUEUES.map(async (name) => {
    const queue = queues.get(name);
    const jobs = await queue.getJobs(["active", "waiting", "prioritized"]);
    const soon = (await queue.getDelayed()).filter((job) => job.delay < PARKED_MS / 2);
    return [...jobs, ...soon].map((job) => job.id ?? "");
  });
  const owed = await items.inOutbox(Date.now() + PARKED_MS, 1);
  return [...(await Promise.all(names)).flat(), ...owed];
}

const WORKED_QUEUES = [
  "deliveries",
  "stages",
  "gates",
  "runs",
  "dependencies",
  "slots",
  "notifications",
] as const;
