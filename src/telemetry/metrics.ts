import { Counter, Gauge, type Registry } from "prom-client";

export interface Metrics {
  /** Answered webhook requests by tracker and by what became of them. */
  delivery(source: string, outcome: string): void;
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
  return {
    delivery: (source, outcome) => deliveries.inc({ source, outcome }),
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
