import { Gauge, type Registry } from "prom-client";
import type { Logger } from "./logger.js";
import { sharedRead } from "./shared-read.js";

/** What is told of one queue. */
export interface Depth {
  readonly queue: string;
  readonly jobs: Readonly<Record<string, number>>;
  readonly oldestWaitingMs: number;
}

/** Shows how full the queues are; while they can't be read, nothing is told of them. */
export function registerQueueGauges(
  registry: Registry,
  read: () => Promise<readonly Depth[]>,
  log: Logger,
): void {
  const readOnce = sharedRead(async () => {
    try {
      return await read();
    } catch (error) {
      log.warn({ err: error }, "the queues' depths can't be read");
      return [];
    }
  });
  new Gauge({
    name: "stagecoach_queue_jobs",
    help: "Jobs in a queue, by state.",
    labelNames: ["queue", "state"],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { queue, jobs } of await readOnce()) {
        for (const [state, count] of Object.entries(jobs)) this.set({ queue, state }, count);
      }
    },
  });
  new Gauge({
    name: "stagecoach_queue_oldest_waiting_seconds",
    help: "Age of the oldest job that waits for a worker; of a promoted one since it was parked.",
    labelNames: ["queue"],
    registers: [registry],
    async collect() {
      this.reset();
      for (const depth of await readOnce()) {
        this.set({ queue: depth.queue }, depth.oldestWaitingMs / 1_000);
      }
    },
  });
}
