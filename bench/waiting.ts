import { connectRedis, type RedisConnection } from "../src/redis/connection.js";
import { silentLogger } from "../src/telemetry/logger.js";
import { commandStats, totals } from "../tests/support/command-stats.js";
import { SHAPES, type WaitingGraph, waitingGraph } from "../tests/support/waiting-graph.js";
import type { Bench, BenchCase, Measured } from "./case.js";
import { inTurns, type Side } from "./rounds.js";
import { median } from "./statistics.js";
import { usedMemory } from "./used-memory.js";

const FEW = 100;
const MANY = 10_000;
const KB = 1024;

/** A chain of items, each waiting for the one before it. */
export const waiting: BenchCase = {
  name: "waiting",
  async measure(bench) {
    const { url } = bench.redis;
    const redis = connectRedis({ url, role: "worker", log: silentLogger() });
    const empty = await usedMemory(redis);
    // With the prefix a fleet has unless configured: it stands in every key.
    const many = await waitingGraph(url, MANY, SHAPES.chain, "{stagecoach}");
    const bytes = ((await usedMemory(redis)) - empty) / MANY;
    const packed = await packedUpTo(redis);
    const few = await waitingGraph(url, FEW, SHAPES.chain);
    const costs = await costsOf(bench, redis, many, few);
    await many.close();
    await few.close();
    redis.disconnect();
    return [...costs, memoryOf(bytes, packed)];
  },
};

function memoryOf(bytes: number, packed: string): Measured {
  return {
    what: "Redis memory of a waiting item with one blocker",
    goal: { kind: "at most", value: 6, unit: "KB" },
    values: [bytes / KB],
    detail: `${MANY.toLocaleString("en")} of them, ${packed}`,
  };
}

/** The setting that decides what small hashes take, by the name that all versions know. */
async function packedUpTo(redis: RedisConnection): Promise<string> {
  const [, value] = (await redis.config("GET", "hash-max-ziplist-value")) as string[];
  return `\`hash-max-listpack-value ${value}\` (Redis' own default is 64)`;
}

async function costsOf(
  { quick }: Bench,
  redis: RedisConnection,
  many: WaitingGraph,
  few: WaitingGraph,
): Promise<readonly Measured[]> {
  const [rounds, steps] = quick ? [9, 5] : [15, 6];
  const commands = { few: 0, many: 0 };
  const side = (graph: WaitingGraph, name: keyof typeof commands): Side => {
    let met = 0;
    return async () => {
      await redis.config("RESETSTAT");
      const from = performance.now();
      for (let step = 0; step < steps; step += 1) {
        met += 1;
        await graph.meet(met);
      }
      const ms = performance.now() - from;
      commands[name] += totals(await commandStats(redis)).calls;
      return ms / steps;
    };
  };
  const { ours, theirs, ratios } = await inTurns(rounds, side(many, "many"), side(few, "few"));
  const [large, small] = [median(ours), median(theirs)].map((ms) => ms.toFixed(1));
  return [
    {
      what: "time that an item costs with 10,000 waiting ÷ with 100",
      goal: { kind: "at most", value: 1.2, unit: "" },
      values: ratios,
      detail: `its blocker met, looked at, let go: ${large} ÷ ${small} ms; ${(commands.many / commands.few).toFixed(2)} as many commands`,
    },
  ];
}
