import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export interface Metrics {
  /** An answered webhook request, by tracker and what became of it, and the seconds it took. */
  delivery(source: string, outcome: string, seconds: number): void;
  /** Shows how many deliveries wait in the spool, by asking. */
  spool(waiting: () => number): void;
}

/** Registers what Stagecoach counts; names follow Prometheus' conventions. */
export function createMetrics(registry: Registry): Metrics {
  const deliveries = new Counter({
    name: "stagecoach_deliveries_total",
    help: "Webhook requests answered, by tracker and outcome.",
    labelNames: ["source", "outcome"] as const,
    registers: [registry],
  });
  const durations = new Histogram({
    name: "stagecoach_webhook_duration_seconds",
    help: "From a webhook's headers to its answer, by tracker. Gitea gives up after 5 s.",
    labelNames: ["source"] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  return {
    delivery(source, outcome, seconds) {
      deliveries.inc({ source, outcome });
      durations.observe({ source }, seconds);
    },
    spool(waiting) {
      new Gauge({
        name: "stagecoach_spool_deliveries",
        help: "Acknowledged deliveries that wait in this receiver's spool for Redis.",
        registers: [registry],
        collect() {
          this.set(waiting());
        },
      });
    },
  };
}
