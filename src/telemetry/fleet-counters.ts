import { Counter, type Registry } from "prom-client";
import type { Count, CountName } from "../domain/counts.js";
import type { Logger } from "./logger.js";

/** What every process of the fleet counted together, as the store keeps it. */
export type ReadCounters = () => Promise<readonly (Count & { readonly value: number })[]>;

interface Described {
  readonly metric: string;
  readonly help: string;
  readonly labels: readonly string[];
}

const DESCRIBED: Readonly<Record<CountName, Described>> = {
  run_endings: {
    metric: "stagecoach_run_endings_total",
    help: "Runs of agents that came to an end, by role and ending.",
    labels: ["role", "ending"],
  },
  recovered: {
    metric: "stagecoach_recovered_total",
    help: "What the reconciler found missed and brought to effect, by kind.",
    labels: ["kind"],
  },
};

/**
 * Registers the fleet's counters; workers have no page of their own, so the store is read at each
 * scrape. While it can't be read they are left out, and the process's own figures are told all the same.
 */
export function registerFleetCounters(registry: Registry, read: ReadCounters, log: Logger): void {
  for (const [name, { metric, help, labels }] of Object.entries(DESCRIBED)) {
    new Counter({
      name: metric,
      help,
      labelNames: [...labels],
      registers: [registry],
      async collect() {
        this.reset();
        try {
          const counted = await read();
          for (const count of counted) {
            if (count.name === name) this.inc(inOrder(labels, count), count.value);
          }
        } catch (error) {
          log.warn({ err: error }, "the fleet's counters can't be read");
        }
      },
    });
  }
}

/** Labels are told in the order in which they are set. */
function inOrder(names: readonly string[], { labels }: Count): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, labels[name] ?? ""]));
}
