import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { playGraph } from "../support/graph-story.js";
import { openTestRedis } from "../support/work.js";

/** The WebAssembly engine is slower by far. */
const GRAPHS = process.env.STAGECOACH_TEST_REDIS === "wasm" ? 60 : 1_000;
/** Another seed plays other graphs; one that failed is played alone with STAGECOACH_TEST_GRAPH. */
const FIRST = Number(process.env.STAGECOACH_TEST_GRAPH ?? 1);
const ALONE = process.env.STAGECOACH_TEST_GRAPH === undefined ? GRAPHS : 1;
const COUNT = Number(process.env.STAGECOACH_TEST_GRAPHS ?? ALONE);
const SHARES = Math.min(10, COUNT);
const AT_ONCE = 16;
const TIMEOUT_MS = 300_000;

describe(`${COUNT} random graphs of issues, from seed ${FIRST} on`, () => {
  let server: Awaited<ReturnType<typeof openTestRedis>>;
  const seen = { statuses: new Set<string>(), loops: 0, largest: 0 };

  beforeAll(async () => {
    server = await openTestRedis();
  });

  afterAll(() => server.close());

  it.each(Array.from({ length: SHARES }, (_, index) => index))(
    "start nobody too early, leave nobody behind, and tell of every loop (share %i)",
    async (share) => {
      const size = Math.ceil(COUNT / SHARES);
      const seeds = Array.from({ length: size }, (_, index) => FIRST + share * size + index);
      const wrong: string[] = [];
      const play = async () => {
        for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
          const prefix = `${server.prefix}:g${seed}`;
          const { broken, issues, loops, statuses } = await playGraph(server.redis, prefix, seed);
          wrong.push(...broken.map((found) => `seed ${seed}: ${found}`));
          for (const status of statuses) seen.statuses.add(status);
          seen.loops += loops;
          seen.largest = Math.max(seen.largest, issues);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, play));
      expect(wrong).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it.runIf(COUNT >= 50)("had loops, failures, cancellations and large ones among them", () => {
    expect([...seen.statuses]).toEqual(
      expect.arrayContaining(["waiting", "done", "cancelled", "failed"]),
    );
    expect(seen.loops).toBeGreaterThan(COUNT / 20);
    // The largest are rare.
    expect(seen.largest).toBeGreaterThan(COUNT >= 500 ? 40 : 7);
  });
});
