import { Gauge, Histogram, type HistogramConfiguration } from "prom-client";

/** What lies in one bucket alone, or, with `le` null, the sum of all values. `le` may be Infinity. */
export interface StoredBucket {
  readonly labels: Readonly<Record<string, string>>;
  readonly le: number | null;
  readonly value: number;
}

/**
 * A histogram that was counted elsewhere, and is read at each scrape. Prometheus' client has none whose
 * values can be set: this one describes itself as an empty one does, and answers as a gauge may.
 */
export class StoredHistogram extends Gauge<string> {
  readonly #empty: Histogram<string>;
  readonly #read: () => Promise<readonly StoredBucket[]>;
  readonly #name: string;
  readonly #bounds: readonly number[];

  constructor(
    configuration: HistogramConfiguration<string> & { readonly buckets: number[] },
    read: () => Promise<readonly StoredBucket[]>,
  ) {
    const { name, help, labelNames } = configuration;
    super({ name, help, labelNames: labelNames ?? [], registers: [] });
    this.#empty = new Histogram({ ...configuration, registers: [] });
    this.#read = read;
    this.#name = configuration.name;
    this.#bounds = [...configuration.buckets, Number.POSITIVE_INFINITY];
  }

  override async get() {
    const [described, buckets] = await Promise.all([this.#empty.get(), this.#read()]);
    const groups = new Map<string, StoredBucket[]>();
    for (const bucket of buckets) {
      const key = JSON.stringify(bucket.labels);
      groups.set(key, [...(groups.get(key) ?? []), bucket]);
    }
    return { ...described, values: [...groups.values()].flatMap((group) => this.#valuesOf(group)) };
  }

  #valuesOf(group: readonly StoredBucket[]) {
    const labels = group[0]?.labels ?? {};
    const upTo = (bound: number) =>
      group.reduce((sum, { le, value }) => (le !== null && le <= bound ? sum + value : sum), 0);
    const sum = group.find(({ le }) => le === null)?.value ?? 0;
    return [
      ...this.#bounds.map((bound) => ({
        metricName: `${this.#name}_bucket`,
        labels: { ...labels, le: bound === Number.POSITIVE_INFINITY ? "+Inf" : bound },
        value: upTo(bound),
      })),
      { metricName: `${this.#name}_sum`, labels, value: sum },
      {
        metricName: `${this.#name}_count`,
        labels,
        value: upTo(Number.POSITIVE_INFINITY),
      },
    ];
  }
}
