import type { Bench, BenchCase, Measured, Started } from "./case.js";
import { cpuMs } from "./cpu-time.js";
import { deliveries } from "./deliveries.js";
import { fire } from "./load.js";
import { startReceiver } from "./receiver-program.js";
import { inTurns } from "./rounds.js";
import { perSecond } from "./words.js";

/** The receiver's own process against the least that takes a webhook, under the same load. */
export const receiver: BenchCase = {
  name: "receiver",
  measure,
};

/** Until both run compiled code, as they do in all of their life but the first seconds. */
const WARM_UP = 15_000;

async function measure(bench: Bench): Promise<readonly Measured[]> {
  const { url } = bench.redis;
  const bare = await bench.start({
    path: "bench/bare-server.js",
    env: { REDIS_URL: url },
    ready: "up",
  });
  const own = await startReceiver(bench);
  const each = bench.quick ? 1_000 : 3_000;
  for (const { said } of [bare, own]) {
    await fire(String(said.url), deliveries(bench.quick ? 3_000 : WARM_UP));
  }
  const spent = { own: 0, bare: 0 };
  const side = (program: Started, name: keyof typeof spent) => async () => {
    const requests = deliveries(each);
    const from = cpuMs(program.pid);
    const { rate } = await fire(String(program.said.url), requests);
    spent[name] += cpuMs(program.pid) - from;
    return rate;
  };
  const rounds = bench.quick ? 5 : 9;
  const { ours, theirs, ratios } = await inTurns(rounds, side(own, "own"), side(bare, "bare"));
  const cpu = (ms: number) => Math.round((ms * 1_000) / (each * (rounds + 1)));
  return [
    {
      what: "receiver throughput ÷ a bare `node:http` server that checks the same HMAC and adds the same job, 8 KB body",
      goal: { kind: "at least", value: 0.85, unit: "" },
      values: ratios,
      detail: `${perSecond(ours, theirs, "deliveries")}; ${cpu(spent.own)} and ${cpu(spent.bare)} µs CPU each`,
    },
  ];
}
