import { setTimeout as wait } from "node:timers/promises";
import { type Started, signalProcesses, survivors } from "./survivors.js";

const POLL_MS = 25;
/** Looking reads files of every process: less and less often. */
const LONGEST_POLL_MS = 250;
/** KILL can't be refused; whoever is killed may have started another meanwhile. */
const KILLED_MS = 1_000;

/** TERM, and KILL for what is left after `graceMs`. Returns when nobody is left. */
export async function endProcesses(started: Started, graceMs: number): Promise<void> {
  const deadline = performance.now() + graceMs;
  const left = await survivors(started);
  if (left.length === 0) return;
  signalProcesses(started.group, left, "SIGTERM");
  if (await goneBy(deadline, started)) return;
  const killed = performance.now() + KILLED_MS;
  await goneBy(killed, started, (pids) => signalProcesses(started.group, pids, "SIGKILL"));
}

async function goneBy(
  deadline: number,
  started: Started,
  meet: (pids: readonly number[]) => void = () => undefined,
): Promise<boolean> {
  for (let pause = POLL_MS; ; pause = Math.min(pause * 2, LONGEST_POLL_MS)) {
    const left = await survivors(started);
    if (left.length === 0) return true;
    meet(left);
    if (performance.now() >= deadline) return false;
    await wait(pause);
  }
}
