import { describe, expect, it } from "vitest";
import { coreOf } from "../../src/cli/wiring/core.js";
import { EMPTY_REPORT } from "../../src/domain/run.js";
import { admit } from "../../src/engine/admission.js";
import { slotKeys } from "../../src/redis/keys.js";
import type { Agent } from "../support/agents.js";
import { REPO, runFleet } from "../support/running-fleet.js";

const OTHERS = ["parser", "stage", "notifier"] as const;
const model = (id: string, provider: string) => ({
  ...{ id, provider },
  ...{ usdPerMillionInput: 0, usdPerMillionOutput: 0 },
});
const MODELS = { sonnet: model("sonnet-5", "first"), opus: model("opus-5", "second") };

/** Work for the model of the provider that isn't limited. */
const OPUS = "- Recommended agent: opus\n";

/** Reaches its provider's limit the first time, for so long. */
function limitedOnce(ms: number): Agent {
  return async ({ modelKey, attempt, item }) =>
    modelKey === "sonnet" && item === "ET-001" && attempt === 1
      ? { kind: "limited", until: new Date(Date.now() + ms), report: EMPTY_REPORT }
      : undefined;
}

const HOUR_MS = 3_600_000;

describe("a provider's limit", () => {
  it("pauses that provider for all workers, and lets others go on", async () => {
    const fleet = await runFleet({
      projects: { [REPO]: { maxConcurrentRuns: 4 } },
      file: { models: MODELS },
      agents: { developer: limitedOnce(HOUR_MS) },
      workers: [...OTHERS, "agent", "agent"],
    });
    fleet.assignedIssue({ number: 1 });
    const paused = await fleet.untilItem(1, ({ status }) => status === "paused");
    const until = (await fleet.store.slots.pausedUntil("first")) ?? 0;
    expect(paused.reason).toBe(
      `The limit of first is reached; it pauses until ${new Date(until).toISOString()}.`,
    );
    expect(until).toBeGreaterThan(Date.now() + HOUR_MS / 2);
    expect(until).toBeLessThan(Date.now() + HOUR_MS + 31_000);
    fleet.assignedIssue({ number: 2 });
    fleet.assignedIssue({ number: 3, body: OPUS });
    await fleet.untilItem(3, ({ status }) => status === "done");
    await fleet.untilItem(2, ({ status }) => status === "waiting");
    await fleet.untilQuiet();
    expect(fleet.started.map(({ run }) => run)).toEqual(["ET-001-v1-a1", "ET-003-v1-a1"]);
    expect(await fleet.store.slots.pausedUntil("second")).toBeNull();
  });

  it("ends by itself, and has spent nothing", async () => {
    const fleet = await runFleet({
      file: { models: MODELS },
      agents: { developer: limitedOnce(2_000) },
    });
    fleet.assignedIssue({ number: 1 });
    const paused = await fleet.untilItem(1, ({ status }) => status === "paused");
    const until = Date.parse(/until (\S+)\.$/.exec(paused.reason)?.[1] ?? "");
    const item = await fleet.untilItem(1, ({ status }) => status === "done");
    expect(item.developerRuns).toBe(1);
    const [limited, succeeded] = await fleet.store.items.runs(item.id);
    expect([limited?.ending, succeeded?.ending]).toEqual(["limited", "succeeded"]);
    expect(Date.parse(succeeded?.startedAt ?? "")).toBeGreaterThanOrEqual(until);
  });

  it("keeps a run from starting that got its slot before, which is another's meanwhile", async () => {
    const fleet = await runFleet({ file: { models: MODELS }, workers: OTHERS });
    const { slots, redis, prefix } = fleet.store;
    fleet.assignedIssue({ number: 1 });
    await fleet.untilItem(1, () => true);
    await fleet.untilQuiet({ except: ["ET-001-v1-run"] });
    const now = Date.now();
    await slots.pause("first", now + HOUR_MS, now);
    await fleet.start("agent");
    const paused = await fleet.untilItem(1, ({ status }) => status === "paused");
    expect(paused.reason).toContain("The limit of first is reached");
    await fleet.untilQuiet();
    expect(fleet.started).toHaveLength(0);
    expect(await slots.hold("ET-001", 1, Date.now(), 1_000)).toBe(false);

    await redis.del(slotKeys(prefix).pause("first"));
    await admit(coreOf(fleet.parts.config, fleet.store, fleet.parts.log));
    await fleet.untilItem(1, ({ status }) => status === "done");
  });
});
