import { writeSync } from "node:fs";
import { expect, it } from "vitest";
import { connectRedis, type RedisConnection } from "../src/redis/connection.js";
import { silentLogger } from "../src/telemetry/logger.js";
import { commandStats, totals } from "../tests/support/command-stats.js";
import { startOwnRedis } from "../tests/support/redis.js";
import { SHAPES, type WaitingGraph, waitingGraph } from "../tests/support/waiting-graph.js";

const FEW = 100;
const MANY = 10_000;
const STEPS = 50;
/** Measured in turns with the large one. */
const SMALL_STARS = 25;
const MOST_RATIO = 1.2;

type ShapeName = keyof typeof SHAPES;

interface Cost {
  dependents: number;
  commands: number;
  serverUs: number;
  wallMs: number;
}

/** What meeting blockers costs a dependent among 100 and among 10,000 waiting items, in turns. */
it("the cost of a waiting item", async () => {
  const server = await startOwnRedis();
  const redis = connectRedis({ url: server.url, role: "worker", log: silentLogger() });
  try {
    // Where `stagecoach start` keeps its own Redis, and in the shipped compose file, this is set.
    await redis.config("SET", "hash-max-listpack-value", "1024");
    say("shape   items  dependents  commands  server µs  wall ms  (each a dependent)");
    for (const shape of Object.keys(SHAPES) as ShapeName[]) {
      const { few, many } = await measured(server.url, redis, shape);
      line(shape, FEW, few);
      line(shape, MANY, many);
      const ratio = (pick: (cost: Cost) => number) =>
        pick(many) / many.dependents / (pick(few) / few.dependents);
      const commands = ratio((cost) => cost.commands);
      const serverUs = ratio((cost) => cost.serverUs);
      const wallMs = ratio((cost) => cost.wallMs);
      say(`${shape.padEnd(7)} ratio ${[commands, serverUs, wallMs].map(two).join("  ")}`);
      expect(commands).toBeLessThan(MOST_RATIO);
    }
  } finally {
    redis.disconnect();
    await server.stop();
  }
});

async function measured(url: string, redis: RedisConnection, shape: ShapeName) {
  const [few, many] = [nothing(), nothing()];
  const big = await waitingGraph(url, MANY, SHAPES[shape]);
  const smalls = [];
  for (let count = 0; count < (shape === "star" ? SMALL_STARS : 1); count += 1) {
    smalls.push(await waitingGraph(url, FEW, SHAPES[shape]));
  }
  if (shape === "star") {
    const others = [...smalls];
    let turn = 0;
    await meet(redis, big, 1, many, async () => {
      turn += 1;
      const small = turn % Math.ceil((2 * MANY) / SMALL_STARS) === 0 ? others.pop() : undefined;
      return small === undefined ? null : () => meet(redis, small, 1, few);
    });
  } else {
    // Far enough from the last that all who may name them are there.
    const first = (count: number) => (shape === "random" ? count - 95 : 1);
    for (let step = 0; step < STEPS; step += 1) {
      for (const small of smalls) await meet(redis, small, first(FEW) + step, few);
      await meet(redis, big, first(MANY) + step, many);
    }
  }
  for (const graph of [big, ...smalls]) await graph.close();
  await redis.flushall();
  return { few, many };
}

/** `other` may name something to measure in between, which isn't counted here. */
async function meet(
  redis: RedisConnection,
  graph: WaitingGraph,
  number: number,
  cost: Cost,
  other: () => Promise<(() => Promise<void>) | null> = async () => null,
): Promise<void> {
  let from = await beginning(redis);
  cost.dependents += await graph.meet(number, async () => {
    const work = await other();
    if (work === null) return;
    await ending(redis, cost, from);
    await work();
    from = await beginning(redis);
  });
  await ending(redis, cost, from);
}

async function beginning(redis: RedisConnection): Promise<number> {
  await redis.config("RESETSTAT");
  return performance.now();
}

async function ending(redis: RedisConnection, cost: Cost, from: number): Promise<void> {
  cost.wallMs += performance.now() - from;
  const { calls, usec } = totals(await commandStats(redis));
  cost.commands += calls;
  cost.serverUs += usec;
}

function nothing(): Cost {
  return { dependents: 0, commands: 0, serverUs: 0, wallMs: 0 };
}

function line(shape: string, items: number, cost: Cost): void {
  const each = [cost.commands, cost.serverUs, cost.wallMs].map((sum) => two(sum / cost.dependents));
  say(
    [shape.padEnd(7), String(items).padStart(5), String(cost.dependents).padStart(6), ...each].join(
      "  ",
    ),
  );
}

function two(value: number): string {
  return value.toFixed(2).padStart(8);
}

/** Past the runner, which would put a heading above each line. */
function say(text: string): void {
  writeSync(1, `${text}\n`);
}
