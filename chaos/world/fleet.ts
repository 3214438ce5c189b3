import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../../src/redis/embedded-access.js";
import { KINDS, type Kind, type Seat, takeSeat } from "./seat.js";

/** Of each kind, as on two hosts. */
const HOSTS = 2;
const LOOK_MS = 100;
const READY_MS = 60_000;

export const SEAT_NAMES: readonly string[] = KINDS.flatMap((kind) =>
  Array.from({ length: HOSTS }, (_, host) => `${kind}-${host + 1}`),
);

/** Two processes of each kind. */
export interface Fleet {
  readonly seats: readonly Seat[];
  /** Addresses of the receivers, the same whoever sits there. */
  readonly receivers: readonly string[];
  seat(name: string): Seat;
  /** Every receiver answers that it is ready. */
  ready(): Promise<void>;
  /** Process ids of whoever sits there now. */
  pids(): readonly number[];
  /** All are told to stop; what didn't go as it must, now or when one was replaced. */
  leave(): Promise<readonly string[]>;
}

/** @param logs folder of a log for each seat */
export async function startFleet(
  logs: string,
  environment: (seat: string) => Readonly<Record<string, string>>,
): Promise<Fleet> {
  const seats: Seat[] = [];
  const receivers: string[] = [];
  for (const name of SEAT_NAMES) {
    const kind = kindOf(name);
    const port = kind === "receiver" ? await freePort() : 0;
    if (kind === "receiver") receivers.push(`http://127.0.0.1:${port}`);
    const own = { ...environment(name), PORT: String(port) };
    seats.push(takeSeat(name, kind, own, join(logs, `${name}.log`)));
  }
  return {
    seats,
    receivers,
    seat(name) {
      const seat = seats.find((each) => each.name === name);
      if (seat === undefined) throw new Error(`there is no seat ${name}`);
      return seat;
    },
    async ready() {
      const deadline = performance.now() + READY_MS;
      while (!(await Promise.all(receivers.map(isReady))).every(Boolean)) {
        if (performance.now() > deadline) throw new Error("the receivers didn't become ready");
        await pause(LOOK_MS);
      }
    },
    pids: () => seats.map((seat) => seat.pid()).filter((pid) => pid > 0),
    async leave() {
      const ends = await Promise.all(
        seats.map(async (seat) => (await seat.leave()).map((wrong) => `${seat.name} ${wrong}`)),
      );
      return ends.flat();
    },
  };
}

function kindOf(name: string): Kind {
  const kind = KINDS.find((each) => name.startsWith(`${each}-`));
  if (kind === undefined) throw new Error(`${name} is no seat's name`);
  return kind;
}

async function isReady(receiver: string): Promise<boolean> {
  try {
    return (await fetch(`${receiver}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch (error) {
    // Not listening yet.
    if (error instanceof TypeError || error instanceof DOMException) return false;
    throw error;
  }
}
