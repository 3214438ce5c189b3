import { Redis } from "ioredis";
import type { Bench, BenchCase, Goal, Measured, Started } from "./case.js";
import { cpuMs } from "./cpu-time.js";
import { deliveries } from "./deliveries.js";
import { fire } from "./load.js";
import { startReceiver } from "./receiver-program.js";
import { compare, takeTurns } from "./rounds.js";
import { perSecond } from "./words.js";

/** The receiver's own process against the least that takes a webhook, under the same load. */
export const receiver: BenchCase = {
  name: "receiver",
  measure,
};

/** Until both run compiled code, as they do in all of their life but the first seconds. */
const WARM_UP = 15_000;

async function measure(bench: Bench): Promise<readonly Measured[]> {
  await rewriteNoLog(bench.redis.url);
  const sides = [
    sideOf(bench, await startReceiver(bench)),
    sideOf(bench, await startBare(bench, { KEEP_BODY: "1" })),
    sideOf(bench, await startBare(bench, {})),
  ];
  for (const { warmUp } of sides) await warmUp();
  const rounds = bench.quick ? 5 : 9;
  const [own, ...others] = await takeTurns(
    rounds,
    sides.map(({ take }) => take),
  );
  const [ownCpu, ...cpus] = sides.map(({ cpuOf }) => cpuOf(rounds + 1));
  const line = (at: number, what: string, goal: Goal): Measured => {
    const { ours, theirs, ratios } = compare(own ?? [], others[at] ?? []);
    const detail = `${perSecond(ours, theirs, "deliveries")}; ${ownCpu} and ${cpus[at]} µs CPU each`;
    return { what, goal, values: ratios, detail };
  };
  const bare = "a bare `node:http` server that checks the same HMAC and adds one job";
  return [
    line(0, `receiver throughput ÷ ${bare} of the same data, 8 KB body`, {
      kind: "at least",
      value: 0.85,
      unit: "",
    }),
    line(1, `receiver throughput ÷ ${bare} of the same fields and forgets the body`, {
      kind: "none",
      unit: "",
    }),
  ];
}

function startBare({ start, redis }: Bench, env: Readonly<Record<string, string>>) {
  return start({
    path: "bench/bare-server.js",
    env: { REDIS_URL: redis.url, ...env },
    ready: "up",
  });
}

function sideOf({ quick }: Bench, { said, pid }: Started) {
  const each = quick ? 1_000 : 3_000;
  const url = String(said.url);
  let spentMs = 0;
  return {
    warmUp: () => fire(url, deliveries(quick ? 3_000 : WARM_UP)),
    async take(): Promise<number> {
      const requests = deliveries(each);
      const from = cpuMs(pid);
      const rate = await fire(url, requests);
      spentMs += cpuMs(pid) - from;
      return rate;
    },
    /** Of a delivery, in µs. */
    cpuOf: (rounds: number) => Math.round((spentMs * 1_000) / (each * rounds)),
  };
}

/**
 * The bodies of a minute here are those of a month elsewhere. Redis would write its log anew again and
 * again, by a process that takes half of what two processors have, in whoever's turn it falls.
 */
async function rewriteNoLog(url: string): Promise<void> {
  const redis = new Redis(url);
  try {
    await redis.config("SET", "auto-aof-rewrite-percentage", "0");
  } finally {
    redis.disconnect();
  }
}
