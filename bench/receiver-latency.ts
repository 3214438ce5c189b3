import type { BenchCase } from "./case.js";
import { deliveries } from "./deliveries.js";
import { fire, fireSteadily } from "./load.js";
import { startReceiver } from "./receiver-program.js";
import { percentile, type Sample } from "./statistics.js";

/** What a tracker is promised. */
const PER_SECOND = 200;
const WARM_UP = 3_000;

/** How long the receiver lets a tracker wait while deliveries come at the rate that it is made for. */
export const steadily: BenchCase = {
  name: "receiver-latency",
  async measure(bench) {
    const receiver = await startReceiver(bench);
    const url = String(receiver.said.url);
    await fire(url, deliveries(WARM_UP));
    const rounds: Sample[] = [];
    const seconds = bench.quick ? 3 : 20;
    while (rounds.length < (bench.quick ? 1 : 3)) {
      rounds.push(await fireSteadily(url, deliveries(seconds * PER_SECOND), PER_SECOND));
    }
    const what = `delivery to its answer, ${PER_SECOND} deliveries/s`;
    const detail = `8 KB each, for ${seconds} s a round; counted from when it was due`;
    const of = (share: number) => rounds.map((latencies) => percentile(latencies, share));
    return [
      { what: `${what}: median`, goal: { kind: "none", unit: "ms" }, values: of(0.5), detail },
      {
        what: `${what}: 99 of 100`,
        goal: { kind: "at most", value: 50, unit: "ms" },
        values: of(0.99),
        detail,
      },
    ];
  },
};
