import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ITEM_STATUSES } from "../../src/domain/work-item.js";
import { type Choices, openInterleavings } from "../support/interleavings.js";

/** The WebAssembly engine is slower by far. */
const SEQUENCES = process.env.STAGECOACH_TEST_REDIS === "wasm" ? 500 : 2_000;
/** Tests, each with its share, so that a failure is told early. */
const SHARES = 10;
const AT_ONCE = 20;
const TIMEOUT_MS = 300_000;

describe(`${SEQUENCES} random interleavings of what may happen to one item`, () => {
  let choices: Choices;
  const seen = { statuses: new Set<string>(), moves: new Set<string>(), ends: new Set<string>() };

  beforeAll(async () => {
    choices = await openInterleavings();
  });

  afterAll(() => choices.close());

  it.each(Array.from({ length: SHARES }, (_, index) => index))(
    "leave it sound: no undefined state, no second move for a cause, none past the cap (share %i)",
    async (share) => {
      const size = SEQUENCES / SHARES;
      const seeds = Array.from({ length: size }, (_, index) => share * size + index + 1);
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
      expect(unsound).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it("came to every status, along every edge, and to every ending of a run", () => {
    expect([...seen.statuses].sort()).toEqual([...ITEM_STATUSES].sort());
    expect([...seen.moves]).toEqual(
      expect.arrayContaining([
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
      ]),
    );
    expect([...seen.ends]).toEqual(
      expect.arrayContaining([
        ...["succeeded", "failed", "timed_out", "silent", "transient"],
        ...["limited", "cancelled", "superseded"],
      ]),
    );
  });
});
