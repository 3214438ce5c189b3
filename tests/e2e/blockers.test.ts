import { describe, expect, it } from "vitest";
import { coreOf } from "../../src/cli/wiring/core.js";
import { giteaIssueKey } from "../../src/domain/issue.js";
import type { WorkItem } from "../../src/domain/work-item.js";
import { pollEdges } from "../../src/intake/edge-poll.js";
import { type Agent, failing, untilStopped } from "../support/agents.js";
import { APPROVER, BOT, REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";

const OTHER = "acme/lander";
const TWO_REPOS = { projects: { [REPO]: {}, [OTHER]: {} } };

/** What the poll of every minute does, as if that minute had passed. */
async function poll(fleet: RunningFleet): Promise<number> {
  const { config, store, outside, log } = fleet.parts;
  const { agenda } = store.graph;
  for (const entry of await agenda.due(Number.MAX_SAFE_INTEGER, 100)) await agenda.putOff(entry, 0);
  const core = coreOf(config, store, log);
  return pollEdges({ ...core, locks: store.locks, tracker: outside.tracker });
}

async function quiet(fleet: RunningFleet, except: string[] = []): Promise<void> {
  await fleet.gitea.settled();
  await fleet.untilQuiet({ except });
}

/** An issue of the bot's, taken on, and nothing moves any more. */
async function assigned(fleet: RunningFleet, number: number, body: string, except: string[] = []) {
  fleet.assignedIssue({ number, body });
  await fleet.untilItem(number, () => true);
  await quiet(fleet, except);
}

async function itemOf(fleet: RunningFleet, issue: number): Promise<WorkItem> {
  return fleet.untilItem(issue, () => true);
}

function statusOn(fleet: RunningFleet, issue: number): string {
  const comments = fleet.gitea.comments(REPO, issue);
  return comments.find(({ body }) => body.includes("stagecoach:status:"))?.body ?? "";
}

/** The first item's agent works until it is stopped, others end at once. */
const firstWorks: Agent = (context, signal) =>
  context.item === "ET-001" ? untilStopped(context, signal) : Promise.resolve(undefined);

describe("the tracker's own dependencies", () => {
  it("that appear hold a waiting item up, and let it go on when they vanish", async () => {
    const fleet = await runFleet({
      agents: { developer: firstWorks },
      projects: { [REPO]: { maxConcurrentRuns: 1 } },
    });
    await fleet.assignedIssue({ number: 1 });
    await fleet.untilStarted(1);
    const except = ["ET-001-v1-run"];
    // It waits for a slot, and goes back behind its blocker.
    await assigned(fleet, 2, "", except);
    fleet.gitea.addIssue({ repo: REPO, number: 5, title: "Blocker", author: APPROVER });
    fleet.gitea.setDependencies(REPO, 2, [{ repo: REPO, number: 5 }]);
    expect(await poll(fleet)).toBe(2);
    await quiet(fleet, except);
    const id = (await itemOf(fleet, 2)).id;
    expect(await fleet.store.items.waitingOn(id)).toEqual([giteaIssueKey(REPO, 5)]);
    expect(statusOn(fleet, 2)).toContain("is not carried by anybody here");
    fleet.gitea.unassign(REPO, 1, BOT);
    await quiet(fleet);
    expect(fleet.started.map(({ item }) => item)).toEqual(["ET-001"]);
    fleet.gitea.setDependencies(REPO, 2, []);
    await poll(fleet);
    await fleet.untilItem(2, ({ status }) => status === "done");
  });
});

describe("a loop", () => {
  it("is told once to each item on it as soon as it closes, and lets them go when it breaks", async () => {
    const fleet = await runFleet();
    for (const number of [2, 3]) {
      const body = `- Blocked by: #${(number % 3) + 1}\n`;
      fleet.gitea.addIssue({
        repo: REPO,
        number,
        title: `Issue ${number}`,
        body,
        author: APPROVER,
      });
    }
    await assigned(fleet, 1, "- Blocked by: #2\n");
    fleet.gitea.assign(REPO, 2, BOT);
    await quiet(fleet);
    expect(fleet.said(1)).toEqual([]);
    fleet.gitea.assign(REPO, 3, BOT);
    await quiet(fleet);
    const path = "ET-001 → ET-002 → ET-003 → ET-001";
    expect(fleet.said(1)).toHaveLength(1);
    expect(fleet.said(1)[0]).toContain(path);
    expect(fleet.said(2)[0]).toContain("ET-002 → ET-003 → ET-001 → ET-002");
    expect(fleet.said(3)[0]).toContain("/unblock");
    expect((await itemOf(fleet, 1)).reason).toBe(`Waits in a loop: ${path}.`);
    expect(statusOn(fleet, 1)).toContain("Break the loop");
    fleet.gitea.edit(REPO, 3, { body: "- Blocked by: #1\n\nMore words.\n" });
    await quiet(fleet);
    expect([1, 2, 3].map((issue) => fleet.said(issue).length)).toEqual([1, 1, 1]);
    fleet.gitea.humanComment(REPO, 3, APPROVER, "/unblock #1");
    await fleet.untilItem(1, ({ status }) => status === "done");
    await quiet(fleet);
    expect(fleet.started.map(({ item }) => item)).toEqual(["ET-003", "ET-002", "ET-001"]);
    expect((await itemOf(fleet, 1)).reason).not.toContain("loop");
    expect((await itemOf(fleet, 2)).holds ?? []).toEqual([]);
  });

  it("is found through another repository and issues without items", async () => {
    const fleet = await runFleet(TWO_REPOS);
    fleet.gitea.addIssue({ repo: OTHER, number: 8, title: "Nobody's", author: APPROVER });
    await assigned(fleet, 1, `- Blocked by: ${OTHER}#8\n- Blocks: ${OTHER}#8\n`);
    expect(fleet.said(1)[0]).toContain(`ET-001 → ${OTHER}#8 → ET-001`);
    fleet.gitea.edit(REPO, 1, { body: `- Blocks: ${OTHER}#8\n` });
    await fleet.untilItem(1, ({ status }) => status === "done");
  });
});

describe("a blocker that nobody carries", () => {
  it("and that doesn't exist is reported once and ignored", async () => {
    const fleet = await runFleet();
    fleet.assignedIssue({ number: 1, body: "- Blocked by: #99\n" });
    await fleet.untilItem(1, ({ status }) => status === "done");
    await quiet(fleet);
    const said = fleet.said(1).filter((body) => body.includes("does not exist"));
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(`${REPO}#99`);
  });

  it("of another configured repository holds up until it is closed", async () => {
    const fleet = await runFleet(TWO_REPOS);
    fleet.gitea.addIssue({ repo: OTHER, number: 8, title: "Open", author: APPROVER });
    await assigned(fleet, 1, `- Blocked by: ${OTHER}#8\n`);
    expect(statusOn(fleet, 1)).toContain("is not carried by anybody here");
    // The webhook is lost; whoever is asked again says so.
    fleet.gitea.setHook(null);
    fleet.gitea.close(OTHER, 8);
    await poll(fleet);
    await fleet.untilItem(1, ({ status }) => status === "done");
  });

  it("of a repository that isn't configured waits and says so", async () => {
    const fleet = await runFleet();
    await assigned(fleet, 1, "- Blocked by: far/away#3\n");
    expect(fleet.said(1)).toHaveLength(1);
    expect(fleet.said(1)[0]).toContain("far/away#3, which can't be read");
    expect((await itemOf(fleet, 1)).reason).toContain("is not configured here");
    await poll(fleet);
    await quiet(fleet);
    expect(fleet.said(1)).toHaveLength(1);
    fleet.gitea.humanComment(REPO, 1, APPROVER, "/unblock far/away#3");
    await fleet.untilItem(1, ({ status }) => status === "done");
  });
});

describe("a blocker that comes to a stop", () => {
  it("failed, is told to its dependent once, and that it goes on", async () => {
    let fails = true;
    const agent: Agent = async (context) => {
      if (context.item !== "ET-001" || !fails) return undefined;
      return failing("it gave up");
    };
    const fleet = await runFleet({ agents: { developer: agent } });
    await assigned(fleet, 1, "");
    await fleet.untilItem(1, ({ status }) => status === "failed");
    await assigned(fleet, 2, "- Blocked by: #1\n");
    expect(fleet.said(2)).toHaveLength(1);
    expect(fleet.said(2)[0]).toContain("ET-002 waits for ET-001, which has failed in development");
    expect((await itemOf(fleet, 2)).reason).toBe(
      "Waits for ET-001, which has failed in development.",
    );
    expect(statusOn(fleet, 2)).toContain("`/retry`");
    fails = false;
    fleet.gitea.humanComment(REPO, 1, APPROVER, "/retry");
    await fleet.untilItem(2, ({ status }) => status === "done");
    await quiet(fleet);
    expect(fleet.said(2)[1]).toContain("ET-001 goes on; ET-002 waits until it is done.");
  });

  it("cancelled, says how to release, and holds for the next item of its issue", async () => {
    const fleet = await runFleet({ agents: { developer: firstWorks } });
    fleet.assignedIssue({ number: 1 });
    await fleet.untilStarted(1);
    await assigned(fleet, 2, "- Blocked by: #1\n", ["ET-001-v1-run"]);
    fleet.gitea.unassign(REPO, 1, BOT);
    await fleet.untilItem("ET-001", ({ status }) => status === "cancelled");
    await quiet(fleet);
    fleet.gitea.assign(REPO, 1, BOT);
    await fleet.untilItem(2, ({ status }) => status === "done");
    expect(fleet.started.map(({ item }) => item)).toEqual(["ET-001", "ET-003", "ET-002"]);
  });

  it("cancelled by a person, is told with how to do without it", async () => {
    const fleet = await runFleet({ agents: { developer: firstWorks } });
    fleet.assignedIssue({ number: 1 });
    await fleet.untilStarted(1);
    await assigned(fleet, 2, "- Blocked by: #1\n", ["ET-001-v1-run"]);
    fleet.gitea.humanComment(REPO, 1, APPROVER, "/cancel");
    await fleet.untilItem(1, ({ status }) => status === "cancelled");
    await quiet(fleet);
    expect(fleet.said(2)).toHaveLength(1);
    expect(fleet.said(2)[0]).toContain("ET-001, which was cancelled");
    expect(fleet.said(2)[0]).toContain("`/unblock #1` on ET-002");
    fleet.gitea.humanComment(REPO, 2, APPROVER, "/unblock #1");
    await fleet.untilItem(2, ({ status }) => status === "done");
  });
});
