import { describe, expect, it } from "vitest";
import { giteaIssueKey } from "../../src/domain/issue.js";
import { type Agent, untilStopped } from "../support/agents.js";
import { APPROVER, BOT, REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";

const [FIVE, SIX] = [5, 6].map((number) => giteaIssueKey(REPO, number));
const KEY = giteaIssueKey(REPO, 7);
const TWO_STAGES = {
  projects: { [REPO]: { pipeline: "two" } },
  file: {
    pipelines: {
      two: [
        { stage: "development", agent: "developer", gate: "tests-local" },
        { stage: "testing", agent: "tester", gate: "tests-passed" },
      ],
    },
  },
} as const;

/** A fleet with two open issues that nobody works on. */
async function withBlockers(options: Parameters<typeof runFleet>[0] = {}): Promise<RunningFleet> {
  const fleet = await runFleet(options);
  for (const number of [5, 6]) {
    fleet.gitea.addIssue({ repo: REPO, number, title: `Blocker ${number}`, author: APPROVER });
  }
  return fleet;
}

/** Issue 7 waits for others; returns once nothing moves any more. */
async function waiting(fleet: RunningFleet, body: string): Promise<void> {
  fleet.assignedIssue({ number: 7, body });
  await fleet.untilItem(7, ({ status }) => status === "waiting");
  await fleet.gitea.settled();
  await fleet.untilQuiet();
}

async function edit(fleet: RunningFleet, number: number, body: string, except: string[] = []) {
  fleet.gitea.edit(REPO, number, { body });
  await fleet.gitea.settled();
  await fleet.untilQuiet({ except });
}

async function waitsFor(fleet: RunningFleet): Promise<readonly string[]> {
  const id = (await fleet.store.items.ofIssue(KEY)) ?? "";
  return [...(await fleet.store.items.waitingOn(id))].sort();
}

describe("an edge that an edit takes out of the text", () => {
  it("no longer holds a waiting item up, and the last one lets it go on at once", async () => {
    const fleet = await withBlockers();
    await waiting(fleet, "- Blocked by: #5, #6\n");
    await edit(fleet, 7, "- Blocked by: #6\n");
    expect(await waitsFor(fleet)).toEqual([SIX]);
    expect(fleet.started).toEqual([]);
    await edit(fleet, 7, "- Blocked by: None\n");
    await fleet.untilItem(7, ({ status }) => status === "done");
    expect(fleet.started).toHaveLength(1);
  });

  it("makes room for the one that is written in its place", async () => {
    const fleet = await withBlockers();
    await waiting(fleet, "- Blocked by: #5\n");
    await edit(fleet, 7, "- Blocked by: #6\n");
    expect(await waitsFor(fleet)).toEqual([SIX]);
    expect(fleet.started).toEqual([]);
    fleet.gitea.close(REPO, 6);
    await fleet.untilItem(7, ({ status }) => status === "done");
  });

  it("that comes back holds the item up again", async () => {
    const fleet = await withBlockers();
    await waiting(fleet, "- Blocked by: #5, #6\n");
    await edit(fleet, 7, "- Blocked by: #6\n");
    await edit(fleet, 7, "- Blocked by: #5, #6\n");
    fleet.gitea.close(REPO, 6);
    await fleet.gitea.settled();
    await fleet.untilQuiet();
    expect(await waitsFor(fleet)).toEqual([FIVE]);
    expect(fleet.started).toEqual([]);
    await edit(fleet, 7, "");
    await fleet.untilItem(7, ({ status }) => status === "done");
  });

  it("stays while the other end states it, and goes when that one stops, too", async () => {
    const firstWorks: Agent = (context, signal) =>
      context.item === "ET-001" ? untilStopped(context, signal) : Promise.resolve(undefined);
    const fleet = await runFleet({ agents: { developer: firstWorks } });
    fleet.assignedIssue({ number: 5, body: "- Blocks: #7\n" });
    await fleet.untilStarted(1);
    fleet.assignedIssue({ number: 7, body: "- Blocked by: #5\n" });
    await fleet.untilItem(7, ({ status }) => status === "waiting");
    const except = ["ET-001-v1-run"];
    await edit(fleet, 7, "Nothing blocks this.\n", except);
    expect(await waitsFor(fleet)).toEqual([FIVE]);
    await edit(fleet, 5, "It blocks nothing.\n", except);
    await fleet.untilItem(7, ({ status }) => status === "done");
    expect((await fleet.untilItem(5, () => true)).status).toBe("running");
  });

  it("and that the tracker's own dependencies state stays until those are gone, too", async () => {
    const fleet = await withBlockers();
    const issue = { repo: REPO, number: 7, title: "Issue 7", body: "- Blocked by: #5\n" };
    fleet.gitea.addIssue(issue);
    fleet.gitea.setDependencies(REPO, 7, [{ repo: REPO, number: 5 }]);
    fleet.gitea.assign(REPO, 7, BOT);
    await fleet.untilItem(7, ({ status }) => status === "waiting");
    await edit(fleet, 7, "Nothing here.\n");
    expect(await waitsFor(fleet)).toEqual([FIVE]);
    fleet.gitea.setDependencies(REPO, 7, []);
    await edit(fleet, 7, "Nothing at all.\n");
    await fleet.untilItem(7, ({ status }) => status === "done");
  });

  it("is gone before the next stage of an item that is at work", async () => {
    const end: { work: () => void } = { work: () => undefined };
    const ended = new Promise<void>((resolve) => {
      end.work = resolve;
    });
    const fleet = await withBlockers({
      ...TWO_STAGES,
      agents: { developer: () => ended.then(() => undefined) },
    });
    fleet.assignedIssue({ number: 7 });
    await fleet.untilStarted(1);
    const except = ["ET-001-v1-run"];
    await edit(fleet, 7, "- Blocked by: #5, #6\n", except);
    expect(await waitsFor(fleet)).toEqual([FIVE, SIX]);
    await edit(fleet, 7, "- Blocked by: #6\n", except);
    end.work();
    await fleet.untilItem(7, ({ stage, status }) => stage === "testing" && status === "waiting");
    await fleet.untilQuiet();
    expect(await waitsFor(fleet)).toEqual([SIX]);
    expect(fleet.started).toHaveLength(1);
    await edit(fleet, 7, "");
    await fleet.untilStarted(2);
    expect(fleet.started[1]?.role).toBe("tester");
  });

  it("takes effect also after a worker died between the two", async () => {
    const fleet = await withBlockers();
    await waiting(fleet, "- Blocked by: #5\n");
    // All that the worker came to: the graph follows, and nobody was told.
    await fleet.store.graph.state({ by: "text", issue: KEY }, []);
    await fleet.untilQuiet();
    expect(fleet.started).toEqual([]);
    await edit(fleet, 7, "Nothing blocks this.\n");
    await fleet.untilItem(7, ({ status }) => status === "done");
  });
});

describe("an issue without an item", () => {
  it.each([
    ["that is edited", (fleet: RunningFleet) => fleet.gitea.edit(REPO, 5, { body: "Free.\n" })],
    ["that is deleted", (fleet: RunningFleet) => fleet.gitea.remove(REPO, 5)],
  ])("%s blocks nobody any more whom it alone named", async (_, act) => {
    const fleet = await runFleet({ agents: { developer: untilStopped } });
    fleet.assignedIssue({ number: 5, body: "- Blocks: #7\n" });
    await fleet.untilStarted(1);
    fleet.assignedIssue({ number: 7 });
    await fleet.untilItem(7, ({ status }) => status === "waiting");
    fleet.gitea.unassign(REPO, 5, BOT);
    await fleet.untilItem("ET-001", ({ status }) => status === "cancelled");
    await fleet.gitea.settled();
    await fleet.untilQuiet();
    expect(await waitsFor(fleet)).toEqual([FIVE]);
    act(fleet);
    await fleet.untilStarted(2);
    expect(fleet.started[1]?.item).toBe("ET-002");
  });
});
