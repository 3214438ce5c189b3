import { Counter, type Registry } from "prom-client";
import { BEYOND, type Count, type CountName, RUN_SECONDS } from "../domain/counts.js";
import type { Logger } from "./logger.js";
import { sharedRead } from "./shared-read.js";
import { type StoredBucket, StoredHistogram } from "./stored-histogram.js";

/** What every process of the fleet counted together, as the store keeps it. */
export type ReadCounters = () => Promise<readonly Counted[]>;
export type Counted = Count & { readonly value: number };

interface Described {
  readonly metric: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** Durations of runs are a histogram, made of two of the counts. */
type PlainCount = Exclude<CountName, "run_seconds" | "run_seconds_sum">;

const DESCRIBED: Readonly<Record<PlainCount, Described>> = {
  transitions: {
    metric: "stagecoach_transitions_total",
    help: "Moves of work items from stage to stage; `from` is empty where an item begins.",
    labels: ["from", "to"],
  },
  gate_verdicts: {
    metric: "stagecoach_gate_verdicts_total",
    help: "Verdicts of gates that are in an item's history: passed, failed or pending.",
    labels: ["gate", "verdict"],
  },
  run_endings: {
    metric: "stagecoach_run_endings_total",
    help: "Runs of agents that came to an end, by role and ending.",
    labels: ["role", "ending"],
  },
  tokens: {
    metric: "stagecoach_tokens_total",
    help: "Tokens that runs used, every attempt counted.",
    labels: ["project", "direction"],
  },
  cost_usd: {
    metric: "stagecoach_cost_usd_total",
    help: "What runs cost, in US dollars, every attempt counted.",
    labels: ["project"],
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
  const readOnce = sharedRead(async () => {
    try {
      return await read();
    } catch (error) {
      log.warn({ err: error }, "the fleet's counters can't be read");
      return [];
    }
  });
  for (const [name, { metric, help, labels }] of Object.entries(DESCRIBED)) {
    new Counter({
      name: metric,
      help,
      labelNames: [...labels],
      registers: [registry],
      async collect() {
        this.reset();
        for (const count of await readOnce()) {
          if (count.name === name) this.inc(inOrder(labels, count), count.value);
        }
      },
    });
  }
  registry.registerMetric(
    new StoredHistogram(
      {
        name: "stagecoach_run_duration_seconds",
        help: "From the start of a run to its end, by role.",
        labelNames: ["role"],
        buckets: [...RUN_SECONDS],
      },
      async () => runSeconds(await readOnce()),
    ),
  );
}

function runSeconds(counted: readonly Counted[]): readonly StoredBucket[] {
  return counted.flatMap(({ name, labels: { role = "", le }, value }): StoredBucket[] => {
    if (name === "run_seconds")
      return [
        { labels: { role }, le: le === BEYOND ? Number.POSITIVE_INFINITY : Number(le), value },
      ];
    return name === "run_seconds_sum" ? [{ labels: { role }, le: null, value }] : [];
  });
}

/** Labels are told in the order in which they are set. */
function inOrder(names: readonly string[], { labels }: Count): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, labels[name] ?? ""]));
}
