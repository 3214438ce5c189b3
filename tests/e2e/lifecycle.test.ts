import { describe, expect, it } from "vitest";
import { giteaIssue } from "../../src/demo/gitea-deliveries.js";
import type { DoubleIssue } from "../../src/demo/gitea-state.js";
import { untilStopped } from "../support/agents.js";
import { BOT, GITEA_SECRET, REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";
import { post, redelivered, request, signed } from "../support/signed-request.js";

/** The issue as it is at this moment: what a delivery of now would say, however late it comes. */
function issueNow(fleet: RunningFleet, number = 7): DoubleIssue {
  const issue = fleet.gitea.issues.find((one) => one.number === number);
  if (issue === undefined) throw new Error(`the double has no issue ${number}`);
  return issue;
}

/** What the tracker said of an earlier moment arrives only now. */
async function arrivesLate(
  fleet: RunningFleet,
  action: Parameters<typeof giteaIssue>[1],
  issue: DoubleIssue,
): Promise<void> {
  const origin = { url: fleet.gitea.url, repo: REPO, sender: "alice" };
  const { headers, body } = giteaIssue(origin, action, issue);
  const late = redelivered(signed(request("gitea", headers, body), GITEA_SECRET), `late-${action}`);
  expect((await post(fleet.receiver.url, late)).status).toBe(200);
  await fleet.untilQuiet();
}

/** The bot's status comments on an issue, one an item. */
function statuses(fleet: RunningFleet, number = 7): readonly string[] {
  return fleet.gitea
    .comments(REPO, number)
    .filter(({ author, body }) => author === BOT && body.includes("stagecoach:status:"))
    .map(({ body }) => body);
}

async function itemsOf(fleet: RunningFleet) {
  return (await fleet.store.items.list({ limit: 10, cursor: null })).items;
}

/** The first item's agents work until they are stopped; later ones finish. */
const FIRST_WORKS = {
  agents: {
    developer: (context: Parameters<typeof untilStopped>[0], signal: AbortSignal) =>
      context.item === "ET-001" ? untilStopped(context, signal) : Promise.resolve(undefined),
  },
};

async function atWork(): Promise<RunningFleet> {
  const fleet = await runFleet(FIRST_WORKS);
  fleet.assignedIssue({ number: 7 });
  await fleet.untilStarted(1);
  return fleet;
}

describe("an issue", () => {
  it.each([
    ["unassigned from the bot", "unassign", "The bot was unassigned."],
    ["closed", "close", "The issue was closed."],
    ["deleted", "remove", "The issue was deleted."],
  ] as const)("%s ends its item, and its agent", async (_, what, reason) => {
    const fleet = await atWork();
    if (what === "unassign") fleet.gitea.unassign(REPO, 7, BOT);
    else fleet.gitea[what](REPO, 7);
    await fleet.untilItem("ET-001", ({ status }) => status === "cancelled");
    await fleet.untilQuiet();
    expect(await fleet.store.items.find("ET-001")).toMatchObject({ status: "cancelled", reason });
    expect(await fleet.store.items.runs("ET-001")).toMatchObject([{ ending: "cancelled" }]);
    if (what !== "remove") expect(statuses(fleet)).toEqual([expect.stringContaining(reason)]);
  });

  it.each(["cancelled", "done"] as const)(
    "that is opened again after its item was %s starts another, on a branch of its own",
    async (end) => {
      const fleet = await runFleet(end === "cancelled" ? FIRST_WORKS : {});
      fleet.assignedIssue({ number: 7 });
      if (end === "cancelled") await fleet.untilStarted(1);
      else await fleet.untilItem(7, ({ status }) => status === "done");
      fleet.gitea.close(REPO, 7);
      await fleet.untilItem(7, ({ status }) => status === end);
      await fleet.untilQuiet();
      fleet.gitea.reopen(REPO, 7);
      await fleet.untilItem("ET-002", ({ status }) => status === "done");
      await fleet.untilQuiet();
      const [second, first] = await itemsOf(fleet);
      expect([first?.status, second?.status]).toEqual([end, "done"]);
      expect(second?.branch).toBe("feature/ET-002-issue-7");
      expect(await fleet.remote.ref(`refs/heads/${second?.branch}`)).not.toBeNull();
      expect(statuses(fleet)).toHaveLength(2);
    },
  );

  it("that is given back to the bot starts another item, on a branch of its own", async () => {
    const fleet = await atWork();
    fleet.gitea.unassign(REPO, 7, BOT);
    await fleet.untilItem("ET-001", ({ status }) => status === "cancelled");
    fleet.gitea.assign(REPO, 7, BOT);
    await fleet.untilItem("ET-002", ({ status }) => status === "done");
    await fleet.untilQuiet();
    expect((await itemsOf(fleet)).map(({ branch }) => branch)).toEqual([
      "feature/ET-002-issue-7",
      "feature/ET-001-issue-7",
    ]);
  });

  it("that is edited brings title, metadata and edges along", async () => {
    const fleet = await runFleet();
    fleet.gitea.addIssue({ repo: REPO, number: 5, title: "First" });
    fleet.gitea.addIssue({ repo: REPO, number: 6, title: "Second" });
    fleet.assignedIssue({ number: 7, body: "- Blocked by: #5\n" });
    await fleet.untilItem(7, ({ status }) => status === "waiting");
    await fleet.untilQuiet();
    const body = "- Difficulty: hard\n- Blocked by: #5, #6\n";
    fleet.gitea.edit(REPO, 7, { title: "Renamed", body });
    const item = await fleet.untilItem(7, ({ title }) => title === "Renamed");
    await fleet.untilQuiet();
    expect(item.metadata).toMatchObject({ difficulty: "hard", blockedBy: [5, 6] });
    expect([...(await fleet.store.items.waitingOn("ET-001"))].sort()).toEqual([
      "gitea:acme/rocket#5",
      "gitea:acme/rocket#6",
    ]);
    expect(statuses(fleet)).toEqual([expect.stringContaining("Renamed")]);
    expect(await fleet.store.items.task("ET-001")).toContain("Difficulty: hard");
  });
});

describe("deliveries in the wrong order", () => {
  it("an older edit after a newer one changes nothing: the tracker is asked", async () => {
    const fleet = await atWork();
    fleet.gitea.setHook(null);
    fleet.gitea.edit(REPO, 7, { title: "Older" });
    const older = issueNow(fleet);
    fleet.gitea.setHook({ url: `${fleet.receiver.url}/webhook/gitea`, secret: GITEA_SECRET });
    fleet.gitea.edit(REPO, 7, { title: "Newer" });
    await fleet.untilItem(7, ({ title }) => title === "Newer");
    const origin = { url: fleet.gitea.url, repo: REPO, sender: "alice" };
    const { headers, body } = giteaIssue(origin, "edited", older);
    await post(fleet.receiver.url, signed(request("gitea", headers, body), GITEA_SECRET));
    await fleet.untilQuiet({ except: ["ET-001-v1-run"] });
    expect((await fleet.untilItem(7, () => true)).title).toBe("Newer");
  });

  it("a late assignment starts nothing once the bot was unassigned", async () => {
    const fleet = await atWork();
    const assigned = { ...issueNow(fleet), title: "Said before" };
    fleet.gitea.unassign(REPO, 7, BOT);
    await fleet.untilItem("ET-001", ({ status }) => status === "cancelled");
    await arrivesLate(fleet, "assigned", assigned);
    expect(await itemsOf(fleet)).toHaveLength(1);
    expect(fleet.started).toHaveLength(1);
  });

  it("a late assignment starts nothing where its end was heard of first", async () => {
    const fleet = await runFleet({ workers: ["stage", "agent", "notifier"] });
    fleet.gitea.setHook(null);
    fleet.assignedIssue({ number: 7 });
    const assigned = issueNow(fleet);
    fleet.gitea.setHook({ url: `${fleet.receiver.url}/webhook/gitea`, secret: GITEA_SECRET });
    fleet.gitea.unassign(REPO, 7, BOT);
    await fleet.gitea.settled();
    await fleet.start("parser");
    await fleet.untilQuiet();
    await arrivesLate(fleet, "assigned", assigned);
    expect(await itemsOf(fleet)).toEqual([]);
  });

  it("a late assignment starts with what an edit said that was heard of first", async () => {
    const fleet = await runFleet();
    fleet.gitea.addIssue({ repo: REPO, number: 5, title: "First" });
    await fleet.gitea.settled();
    fleet.gitea.setHook(null);
    fleet.assignedIssue({ number: 7, title: "Old", body: "No blockers." });
    const assigned = issueNow(fleet);
    fleet.gitea.setHook({ url: `${fleet.receiver.url}/webhook/gitea`, secret: GITEA_SECRET });
    fleet.gitea.edit(REPO, 7, { title: "New", body: "- Blocked by: #5\n" });
    await fleet.gitea.settled();
    await fleet.untilQuiet();
    await arrivesLate(fleet, "assigned", assigned);
    expect(await fleet.untilItem(7, () => true)).toMatchObject({ title: "New", status: "waiting" });
    expect(fleet.started).toEqual([]);
  });

  it("a late closing does not end the item of an issue that is open again", async () => {
    const fleet = await runFleet();
    fleet.gitea.addIssue({ repo: REPO, number: 5, title: "First" });
    fleet.assignedIssue({ number: 7, body: "- Blocked by: #5\n" });
    await fleet.untilItem(7, ({ status }) => status === "waiting");
    fleet.gitea.setHook(null);
    fleet.gitea.close(REPO, 7);
    const closed = issueNow(fleet);
    fleet.gitea.setHook({ url: `${fleet.receiver.url}/webhook/gitea`, secret: GITEA_SECRET });
    fleet.gitea.reopen(REPO, 7);
    await fleet.gitea.settled();
    await fleet.untilQuiet();
    await arrivesLate(fleet, "closed", closed);
    expect(await itemsOf(fleet)).toMatchObject([{ id: "ET-001", status: "waiting" }]);
  });
});
