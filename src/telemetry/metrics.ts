import { Counter, type Registry } from "prom-client";

export interface Metrics {
  /** Answered webhook requests by tracker and by what became of them. */
  delivery(source: string, outcome: string): void;
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
  };
}
