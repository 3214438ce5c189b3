import { describe, expect, it } from "vitest";
import type { WorkItem } from "../../src/domain/work-item.js";
import { CATALOG } from "../../src/queue/catalog.js";
import { write } from "../support/agents.js";
import { APPROVER, BOT, REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";

const MERGED = { onDone: { merge: true, closeIssue: false } } as const;

async function doneItem(fleet: RunningFleet): Promise<WorkItem> {
  if (!fleet.gitea.issues.some(({ number }) => number === 7)) fleet.assignedIssue({ number: 7 });
  const item = await fleet.untilItem(7, ({ status }) => status === "done");
  await fleet.untilQuiet();
  return item;
}

/** An issue that waits for another one, which nobody works on yet. */
async function blocked(fleet: RunningFleet): Promise<void> {
  fleet.gitea.addIssue({ repo: REPO, number: 7, title: "First", author: APPROVER, assignees: [] });
  fleet.assignedIssue({ number: 8, body: "Blocked by: #7" });
  await fleet.untilItem(8, ({ status }) => status === "waiting");
  await fleet.untilQuiet();
  expect(fleet.started).toEqual([]);
  fleet.gitea.assign(REPO, 7, BOT);
}

async function mainFiles(fleet: RunningFleet): Promise<readonly string[]> {
  return fleet.remote.files("main");
}

function issueIsOpen(fleet: RunningFleet): boolean | undefined {
  return fleet.gitea.issues.find(({ number }) => number === 7)?.open;
}

describe("onDone", () => {
  it("left as it is merges nothing and closes nothing", async () => {
    const fleet = await runFleet();
    await doneItem(fleet);
    expect(await mainFiles(fleet)).toEqual(["README.md"]);
    expect(issueIsOpen(fleet)).toBe(true);
    expect(fleet.gitea.pullRequests(REPO)).toEqual([]);
  });

  it("merge merges what passed its gates, once, and only then says done", async () => {
    const fleet = await runFleet({ file: MERGED });
    const item = await doneItem(fleet);
    expect(item).toMatchObject({ stage: "done", reason: expect.stringContaining("was merged") });
    expect(fleet.gitea.pullRequests(REPO)).toMatchObject([{ merged: true, head: item.branch }]);
    expect(await mainFiles(fleet)).toContain("src/ET-001-1.txt");
    expect(await fleet.remote.git("merge-base", "--is-ancestor", item.head ?? "", "main")).toBe("");
    expect(fleet.said(7)).toEqual([expect.stringContaining("is done")]);
    expect(issueIsOpen(fleet)).toBe(true);
  });

  it("merge tries again what may pass, and merges once", async () => {
    const fleet = await runFleet({ file: MERGED });
    fleet.gitea.failNext(1, 503, {}, /^POST .*\/merge$/);
    await doneItem(fleet);
    const merges = (await fleet.remote.log("main")).filter((line) => line.startsWith("Merge"));
    expect(merges).toHaveLength(1);
    expect(fleet.gitea.pullRequests(REPO)).toHaveLength(1);
    expect(fleet.said(7)).toHaveLength(1);
  });

  it("closeIssue closes the issue, after the merge where both are asked for", async () => {
    const fleet = await runFleet({ file: { onDone: { merge: true, closeIssue: true } } });
    await doneItem(fleet);
    expect(issueIsOpen(fleet)).toBe(false);
    const order = fleet.gitea.requests.filter((line) =>
      /\/merge$|^PATCH .*\/issues\/7$/.test(line),
    );
    expect(order.map((line) => line.split(" ")[0])).toEqual(["POST", "PATCH"]);
    expect(await fleet.untilItem(7, () => true)).toMatchObject({ status: "done" });
  });

  it("closeIssue says so, once, where the forge refuses to close it", async () => {
    const fleet = await runFleet({ file: { onDone: { merge: false, closeIssue: true } } });
    fleet.gitea.failNext(1, 412, {}, /^PATCH .*\/issues\/7$/);
    await doneItem(fleet);
    const told = fleet.said(7).filter((text) => text.includes("could not be closed"));
    expect(told).toEqual([expect.stringContaining("block it are open")]);
  });
});

/** Two developers change the same line: main moves while the agent works. */
async function conflicted(): Promise<RunningFleet> {
  const holder: { fleet: RunningFleet | null } = { fleet: null };
  const fleet = await runFleet({
    file: { onDone: { merge: true, closeIssue: true } },
    agents: {
      developer: async (context) => {
        await write(context, { "README.md": "# rocket of the agent\n" });
        await holder.fleet?.remote.commit("main", { "README.md": "# rocket of a person\n" });
        return undefined;
      },
    },
  });
  holder.fleet = fleet;
  fleet.assignedIssue({ number: 7 });
  await fleet.untilItem(7, ({ status }) => status === "blocked");
  await fleet.untilQuiet();
  return fleet;
}

describe("a merge that is refused", () => {
  it("blocks the item with the reason, which a person is told, and closes nothing", async () => {
    const fleet = await conflicted();
    const item = await fleet.untilItem(7, () => true);
    expect(item).toMatchObject({ stage: "done", status: "blocked" });
    expect(item.reason).toMatch(/Pull request #\d+ can't be merged: it conflicts/);
    expect(fleet.said(7)).toEqual([expect.stringContaining("conflicts")]);
    expect(issueIsOpen(fleet)).toBe(true);
    expect(await fleet.remote.read("main", "README.md")).toBe("# rocket of a person\n");
  });

  it("ends as done when a person merges it by hand", async () => {
    const fleet = await conflicted();
    const [pull] = fleet.gitea.pullRequests(REPO);
    fleet.gitea.mergePullRequest(REPO, pull?.number ?? 0, APPROVER);
    await fleet.untilItem(7, ({ status }) => status === "done");
    await fleet.untilQuiet();
    expect(issueIsOpen(fleet)).toBe(false);
  });

  it("isn't helped by an /approve, which is refused and changes nothing", async () => {
    const fleet = await conflicted();
    const { status, reason, version } = await fleet.untilItem(7, () => true);
    const { id } = fleet.gitea.humanComment(REPO, 7, APPROVER, "/approve");
    await fleet.gitea.settled();
    await fleet.untilQuiet();
    expect(fleet.gitea.reactions(id)).toEqual(["-1"]);
    expect(fleet.said(7).at(-1)).toContain("ET-001 has passed every stage");
    expect(await fleet.untilItem(7, () => true)).toMatchObject({ status, reason, version });
  });

  it("is tried again on an approver's /retry", async () => {
    const fleet = await conflicted();
    await fleet.remote.commit("main", { "README.md": "# rocket\n" });
    fleet.gitea.humanComment(REPO, 7, APPROVER, "/retry");
    await fleet.untilItem(7, ({ status }) => status === "done");
    await fleet.untilQuiet();
    expect(fleet.gitea.pullRequests(REPO)).toMatchObject([{ merged: true }]);
    expect(await fleet.remote.read("main", "README.md")).toBe("# rocket of the agent\n");
  });
});

describe("a pull request that a person closes while its merge is tried again", () => {
  /** Held by a person, with a merge that is due any moment. */
  async function closedMeanwhile(): Promise<RunningFleet> {
    const fleet = await runFleet({ file: MERGED });
    fleet.gitea.failNext(1, 503, {}, /^POST .*\/merge$/);
    fleet.assignedIssue({ number: 7 });
    const { id, version } = await fleet.untilItem(7, ({ stage }) => stage === "done");
    const merge = async () =>
      (await fleet.store.queues.get("notifications").getDelayed()).find(
        ({ data }) => data.effect.kind === "merge",
      );
    await expect.poll(merge, { timeout: 30_000 }).toBeDefined();
    fleet.gitea.closePullRequest(REPO, fleet.gitea.pullRequests(REPO)[0]?.number ?? 0, APPROVER);
    await fleet.untilItem(id, (item) => item.version > version);
    await (await merge())?.promote();
    await fleet.gitea.settled();
    await fleet.untilQuiet();
    return fleet;
  }

  it("isn't merged, nor another one opened, against that person's will", async () => {
    const fleet = await closedMeanwhile();
    expect(fleet.gitea.pullRequests(REPO)).toMatchObject([{ open: false, merged: false }]);
    expect(await mainFiles(fleet)).toEqual(["README.md"]);
    expect(await fleet.untilItem(7, () => true)).toMatchObject({
      stage: "done",
      status: "needs-input",
    });
  });

  it("is merged once it is open again", async () => {
    const fleet = await closedMeanwhile();
    fleet.gitea.reopenPullRequest(REPO, fleet.gitea.pullRequests(REPO)[0]?.number ?? 0, APPROVER);
    await doneItem(fleet);
    expect(fleet.gitea.pullRequests(REPO)).toMatchObject([{ merged: true }]);
  });
});

describe("dependencies met by", () => {
  it("done start when the blocker is done, merged or not", async () => {
    const fleet = await runFleet();
    await blocked(fleet);
    await doneItem(fleet);
    await fleet.untilItem(8, ({ status }) => status === "done");
  });

  it("merged wait until a person merged the blocker's pull request", async () => {
    const fleet = await runFleet({ file: { dependencies: { metBy: "merged" } } });
    await blocked(fleet);
    const { branch, head } = await doneItem(fleet);
    expect(fleet.started.map(({ item }) => item)).toEqual(["ET-002"]);
    const { number } = fleet.gitea.addPullRequest({
      repo: REPO,
      head: branch,
      headSha: head ?? "",
      author: APPROVER,
    });
    await fleet.untilQuiet();
    expect(fleet.started).toHaveLength(1);

    fleet.gitea.mergePullRequest(REPO, number, APPROVER);
    await fleet.untilItem(8, ({ status }) => status === "done");
  });

  it("merged start after a merge of ours", async () => {
    const fleet = await runFleet({ file: { ...MERGED, dependencies: { metBy: "merged" } } });
    await blocked(fleet);
    const dependent = await fleet.untilItem(8, ({ status }) => status === "done");
    const blocker = await fleet.untilItem(7, ({ status }) => status === "done");
    expect(fleet.started.map(({ item }) => item)).toEqual([blocker.id, dependent.id]);
  });
});

/** Attempts of a job until it is given up. */
const ATTEMPTS = CATALOG.notifications.options.attempts;

it("a merge that fails in every attempt is told to people, and a /retry goes on", async () => {
  const fleet = await runFleet({ file: MERGED });
  fleet.gitea.failNext(ATTEMPTS, 503, {}, /^POST .*\/merge$/);
  fleet.assignedIssue({ number: 7 });
  await fleet.untilItem(7, ({ stage }) => stage === "done");
  const queue = fleet.store.queues.get("notifications");
  const merge = async () => {
    const jobs = await queue.getJobs(["delayed", "failed"]);
    return jobs.find(({ data }) => data.effect.kind === "merge");
  };
  for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) {
    await expect.poll(async () => (await merge())?.attemptsMade, { timeout: 30_000 }).toBe(attempt);
    // What waits hours in life is due now.
    await (await merge())?.promote();
  }
  await expect.poll(async () => (await merge())?.isFailed(), { timeout: 30_000 }).toBe(true);
  await fleet.untilQuiet();
  const item = await fleet.untilItem(7, () => true);
  expect(item).toMatchObject({ stage: "done", status: "blocked" });
  expect(item.reason).toContain("503");
  expect(fleet.said(7)).toEqual([expect.stringContaining("couldn't be merged")]);

  fleet.gitea.humanComment(REPO, 7, APPROVER, "/retry");
  await doneItem(fleet);
});
