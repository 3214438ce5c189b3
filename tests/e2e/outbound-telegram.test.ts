import { describe, expect, it } from "vitest";
import { failing } from "../support/agents.js";
import { APPROVER, REPO, runFleet } from "../support/running-fleet.js";
import { startTelegramDouble } from "../support/telegram-double.js";

const SHORT = {
  projects: { [REPO]: { pipeline: "short" } },
  file: {
    pipelines: {
      short: [
        { stage: "analysis", agent: "analyst", gate: "analysis-approved" },
        { stage: "development", agent: "developer", gate: "tests-local" },
      ],
    },
  },
} as const;

describe("Telegram", () => {
  it("tells of the request for an approval, of stages and of the end, escaped", async () => {
    const telegram = await startTelegramDouble();
    const fleet = await runFleet({ ...SHORT, environment: telegram.environment });
    fleet.assignedIssue({ number: 7, title: "Show <b>&amp; count" });
    await fleet.untilItem(7, ({ status }) => status === "awaiting-approval");
    await fleet.untilQuiet();
    expect(telegram.messages).toContainEqual(
      expect.stringMatching(/^ET-001 Show <b>&amp; count: .*waits for an approval/),
    );
    expect(telegram.sent.join("\n")).toContain("Show &lt;b&gt;&amp;amp; count");

    fleet.gitea.humanComment(REPO, 7, APPROVER, ":approved:");
    await fleet.untilItem(7, ({ status }) => status === "done");
    await fleet.untilQuiet();
    const moves = telegram.messages.flatMap((text) => /\w+ → \w+/.exec(text)?.[0] ?? []);
    expect(moves).toEqual(["analysis → development", "development → done"]);
  });

  it("tells of a failure", async () => {
    const telegram = await startTelegramDouble();
    const fleet = await runFleet({
      environment: telegram.environment,
      agents: { developer: async () => failing("the compiler is on fire") },
    });
    fleet.assignedIssue({ number: 7 });
    await fleet.untilItem(7, ({ status }) => status === "failed");
    await fleet.untilQuiet();
    const told = telegram.messages.filter((text) => text.includes("the compiler is on fire"));
    expect(told).toHaveLength(1);
  });

  it("is obeyed when it asks to wait: the message comes later, once", async () => {
    const telegram = await startTelegramDouble();
    const fleet = await runFleet({ environment: telegram.environment, workers: ["parser"] });
    telegram.refuse(1, 2);
    await fleet.start("notifier");
    fleet.assignedIssue({ number: 7 });
    const { id } = await fleet.untilItem(7, () => true);
    await fleet.untilQuiet({ except: [`${id}-v1-slot`] });
    expect(telegram.calls).toHaveLength(2);
    const [refused, delivered] = telegram.calls;
    expect((delivered ?? 0) - (refused ?? 0)).toBeGreaterThanOrEqual(2_000);
    expect(telegram.messages).toEqual([expect.stringContaining("ET-001 Issue 7: development")]);
    const jobs = await fleet.store.queues.get("notifications").getCompleted();
    expect(new Set(jobs.map((job) => job.attemptsMade))).toEqual(new Set([1]));
  });
});
