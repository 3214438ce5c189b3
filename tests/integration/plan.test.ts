import { describe, expect, it } from "vitest";
import { planJson, planText } from "../../src/cli/plan-text.js";
import { lookAtFleet } from "../../src/cli/wiring/look.js";
import { makePlan, type Plan } from "../../src/engine/plan.js";
import { type Agent, untilStopped } from "../support/agents.js";
import { REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";

async function planOf(fleet: RunningFleet, limit = 20): Promise<Plan> {
  const look = await lookAtFleet(fleet.parts.config);
  try {
    return await makePlan({ items: look.items, slots: look.slots, now: Date.now() }, limit);
  } finally {
    await look.close();
  }
}

/** Works until the test lets the first go. */
function gated(): { agent: Agent; letGo: () => void } {
  let letGo = () => {};
  const gone = new Promise<undefined>((resolve) => {
    letGo = () => resolve(undefined);
  });
  const agent: Agent = async (context, signal) => {
    if (context.item !== "ET-001") return untilStopped(context, signal);
    return Promise.race([gone, untilStopped(context, signal)]);
  };
  return { agent, letGo };
}

describe("a plan of a fleet", () => {
  it("is followed: who is first in it starts next, and it says what holds the others", async () => {
    const { agent, letGo } = gated();
    const fleet = await runFleet({
      agents: { developer: agent },
      projects: { [REPO]: { maxConcurrentRuns: 1 } },
    });
    fleet.assignedIssue({ number: 10, title: "First" });
    await fleet.untilStarted(1);
    fleet.assignedIssue({ number: 30, title: "Third \u001b[31m" });
    fleet.assignedIssue({ number: 20, title: "Second" });
    fleet.assignedIssue({ number: 40, title: "Last", body: "- Blocked by: #30\n" });
    for (const number of [20, 30, 40]) await fleet.untilItem(number, () => true);
    await fleet.gitea.settled();
    await fleet.untilQuiet({ except: ["ET-001-v1-run"] });

    const plan = await planOf(fleet);
    const order = plan.entries.map(({ title }) => title.split(" ")[0]);
    expect(order).toEqual(["Second", "Third", "Last"]);
    expect(plan.entries.map(({ state }) => state)).toEqual(["waits", "waits", "blocked"]);
    const lines = planText(plan).split("\n");
    expect(lines[0]).toMatch(
      /^ET-00\d {2}rocket, development: waits for a slot: 1 of 1 of its repository are in use {2}\(Second\)$/,
    );
    expect(lines[2]).toContain("blocked by acme/rocket#30");
    expect(planText(plan)).not.toContain("\u001b");
    expect(JSON.parse(planJson(plan))).toMatchObject({
      plan: [{ title: "Second", state: "waits" }, {}, { blocked_by: [`gitea:${REPO}#30`] }],
      more: false,
    });
    expect(await planOf(fleet, 1)).toMatchObject({ entries: [{ title: "Second" }], more: true });

    letGo();
    await fleet.untilStarted(2);
    expect(fleet.started[1]?.item).toBe(plan.entries[0]?.item);
  });

  it("says that nothing waits when nothing does", async () => {
    const fleet = await runFleet({ workers: [] });
    expect(planText(await planOf(fleet))).toBe("Nothing waits to start.");
  });
});
