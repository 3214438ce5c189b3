import { describe, expect, it } from "vitest";
import { judged, type Look } from "../../../bench/soak/verdict.js";

const MB = 2 ** 20;
const RETENTION_MS = 60_000;

/** A look every 5 s, an issue filed and an item removed each; what is kept and taken by then, in MB. */
function looks(minutes: number, sizes: (atMinute: number) => Record<string, number>): Look[] {
  return Array.from({ length: minutes * 12 }, (_, at) => {
    const taken = Object.entries(sizes(at / 12)).map(([of, size]) => [of, size * MB]);
    return { atMs: at * 5_000, filed: at, removed: at, kept: 30, bytes: Object.fromEntries(taken) };
  });
}

const growing = (verdict: ReturnType<typeof judged>) =>
  verdict?.trends.filter(({ flat }) => !flat).map(({ of }) => of);

describe("what a soaked fleet takes", () => {
  it("is flat when it fills up until retention is reached, and breathes from then on", () => {
    const filling = (at: number) => Math.min(4, 2 + at) + (Math.round(at * 12) % 5) / 20;
    const verdict = judged(
      looks(8, (at) => ({ redis: filling(at), agent: 90 + 10 * Math.sin(at * 5) })),
      RETENTION_MS,
    );
    expect(growing(verdict)).toEqual([]);
    expect(verdict).toMatchObject({ flat: true, carried: true, filed: 48, removed: 48 });
  });

  it("grows when Redis keeps some of each item for good, more than that its issue is known", () => {
    const leaking = looks(60, (at) => ({ redis: 4 + (at * 12 * 2_000) / MB, agent: 90 }));
    expect(growing(judged(leaking, RETENTION_MS))).toEqual(["redis"]);
    const known = looks(60, (at) => ({ redis: 4 + (at * 12 * 400) / MB, agent: 90 }));
    expect(growing(judged(known, RETENTION_MS))).toEqual([]);
  });

  it("grows when a process does, whichever", () => {
    const leaking = looks(20, (at) => ({ redis: 4, agent: 90, parser: 90 + 3 * at }));
    const verdict = judged(leaking, RETENTION_MS);
    expect(growing(verdict)).toEqual(["parser"]);
    expect(verdict?.flat).toBe(false);
  });

  it("grows when items stay that nobody removes", () => {
    const staying = looks(20, () => ({ redis: 4 })).map((look) => ({
      ...look,
      kept: 30 + Math.floor(look.removed / 8),
    }));
    expect(growing(judged(staying, RETENTION_MS))).toEqual(["items"]);
  });

  it("says nothing where nothing was carried", () => {
    const idle = looks(20, () => ({ redis: 4 })).map((look) => ({ ...look, removed: 7 }));
    expect(judged(idle, RETENTION_MS)).toMatchObject({ flat: true, carried: false, removed: 0 });
  });

  it("isn't judged by too few looks", () => {
    expect(
      judged(
        looks(2, () => ({ redis: 4 })),
        RETENTION_MS,
      ),
    ).toBeNull();
  });
});
