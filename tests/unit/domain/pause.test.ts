import { describe, expect, it } from "vitest";
import { pausedBeforeStart, pauseEnd, pauseReason } from "../../../src/domain/pause.js";
import { runStarted } from "../../../src/domain/run-life.js";
import { sampleItem, sampleRun } from "../../support/memory-work-items.js";
import { CAUSE, kinds } from "./situation.js";

const NOW = Date.parse("2026-03-02T10:00:00.000Z");
const MINUTE = 60_000;

describe("the end of a provider's pause", () => {
  it.each([
    ["20 s: up to a tenth later", 20_000, 20_000, 22_000],
    ["an hour: up to half a minute later", 60 * MINUTE, 60 * MINUTE, 60 * MINUTE + 30_000],
    ["a time that is past: a minute", -1_000, MINUTE, 66_000],
    ["now: a minute", 0, MINUTE, 66_000],
    ["no time at all: a minute", Number.NaN, MINUTE, 66_000],
    ["the year 3000: seven days", 1e13, 7 * 1_440 * MINUTE, 7 * 1_440 * MINUTE + 30_000],
  ])("for %s", (_, named, least, most) => {
    expect(pauseEnd(NOW + named, NOW, 0)).toBe(NOW + least);
    expect(pauseEnd(NOW + named, NOW, 1)).toBe(NOW + most);
  });

  it("is told with the provider", () => {
    expect(pauseReason("anthropic", NOW)).toBe(
      "The limit of anthropic is reached; it pauses until 2026-03-02T10:00:00.000Z.",
    );
  });
});

describe("a version whose provider pauses as its turn comes", () => {
  const waiting = sampleItem(1, { status: "waiting", run: null });

  it("is paused and says why, once", () => {
    const paused = pausedBeforeStart(waiting, 3, "It pauses.", CAUSE);
    expect(paused?.item).toMatchObject({ status: "paused", reason: "It pauses.", version: 3 });
    expect(paused && kinds(paused)).toEqual(["status-comment"]);
    expect(pausedBeforeStart(paused?.item ?? waiting, 3, "It pauses.", CAUSE)).toBeNull();
  });

  it("closes the record of a worker that was lost (I5)", () => {
    const running = runStarted(waiting, "developer", null, CAUSE).item;
    const paused = pausedBeforeStart(running, 3, "It pauses.", CAUSE);
    expect(paused?.item.run).toMatchObject({ ending: "superseded" });
    expect(paused?.runs).toMatchObject([{ ending: "superseded" }]);
  });

  it("changes nothing where nobody is to start (I3, I9)", () => {
    expect(pausedBeforeStart(waiting, 2, "It pauses.", CAUSE)).toBeNull();
    const done = sampleItem(1, { run: sampleRun("ET-001") });
    expect(pausedBeforeStart(done, 3, "It pauses.", CAUSE)).toBeNull();
  });
});
