import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RUN_ENDINGS } from "../../src/domain/run.js";
import { ITEM_STATUSES } from "../../src/domain/work-item.js";
import { type Choices, openInterleavings } from "../support/interleavings.js";

/** The WebAssembly engine is slower by far. */
const SEQUENCES = process.env.STAGECOACH_TEST_REDIS === "wasm" ? 500 : 2_000;
/** Tests, each with its share, so that a failure is told early. */
const SHARES = 10;
const AT_ONCE = 20;
const TIMEOUT_MS = 300_000;
/** So many come along every edge, whatever the timing. */
const MOST = 4_000;
const MOVES = [
  "analysis → architecture",
  "architecture → development",
  "architecture → analysis",
  "development → review",
  "development → development",
  "review → testing",
  "review → development",
  "testing → deploy",
  "testing → development",
  "deploy → done",
];
/** A run over its budget isn't among what is played. */
const ENDINGS = RUN_ENDINGS.filter((ending) => ending !== "over_budget");

describe(`${SEQUENCES} random interleavings of what may happen to one item`, () => {
  let choices: Choices;
  const seen = { statuses: new Set<string>(), moves: new Set<string>(), ends: new Set<string>() };

  beforeAll(async () => {
    choices = await openInterleavings();
  });

  afterAll(() => choices.close());

  /** Plays these, some at once; what was unsound in them. */
  async function played(seeds: number[]): Promise<string[]> {
    const unsound: string[] = [];
    const play = async () => {
      for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
        const { broken, statuses, moves, endings } = await choices.play(seed);
        unsound.push(...broken.map((found) => `seed ${seed}: ${found}`));
        for (const status of statuses) seen.statuses.add(status);
        for (const move of moves) seen.moves.add(move);
        for (const ending of endings) seen.ends.add(ending);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, play));
    return unsound;
  }

  const missing = () => [
    ...ITEM_STATUSES.filter((status) => !seen.statuses.has(status)),
    ...MOVES.filter((move) => !seen.moves.has(move)),
    ...ENDINGS.filter((ending) => !seen.ends.has(ending)),
  ];

  it.each(Array.from({ length: SHARES }, (_, index) => index))(
    "leave it sound: no undefined state, no second move for a cause, none past the cap (share %i)",
    async (share) => {
      const size = SEQUENCES / SHARES;
      expect(await played(seedsFrom(share * size + 1, size))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    "come to every status, along every edge, and to every ending of a run",
    async () => {
      // A seed decides what is tried, not who comes first: few sequences may need some more for all.
      for (let seed = SEQUENCES + 1; missing().length > 0 && seed <= MOST; seed += AT_ONCE) {
        expect(await played(seedsFrom(seed, AT_ONCE))).toEqual([]);
      }
      expect(missing()).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

function seedsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
