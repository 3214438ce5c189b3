import { describe, expect, it } from "vitest";
import type { WorkItem } from "../../src/domain/work-item.js";
import { APPROVER, REPO, type RunningFleet, runFleet, STRANGER } from "../support/running-fleet.js";

const CONTEXTS = ["build", "lint", "ci.yml"];

/** Gitea's pages hold two entries, so that every list here has several. */
async function fleetWithCi(): Promise<{ fleet: RunningFleet; item: WorkItem; head: string }> {
  const fleet = await runFleet({
    pageSize: 2,
    projects: { [REPO]: { pipeline: "checked" } },
    file: {
      pipelines: { checked: [{ stage: "development", agent: "developer", gate: "ci-green" }] },
      gates: { "ci-green": { contexts: CONTEXTS } },
    },
  });
  fleet.assignedIssue({ number: 7 });
  const item = await fleet.untilItem(7, waitsForCi);
  await fleet.untilQuiet();
  if (item.head === null) throw new Error("the run left no commit");
  return { fleet, item, head: item.head };
}

function waitsForCi({ status, reason }: WorkItem): boolean {
  return status === "waiting" && reason.startsWith("CI is not done");
}

function green(fleet: RunningFleet, commit: string): void {
  for (const context of ["a", "b", "c", "d"])
    fleet.gitea.setStatus(REPO, commit, context, "failure");
  fleet.gitea.setStatus(REPO, commit, "build", "success");
  fleet.gitea.setStatus(REPO, commit, "lint", "success");
  const run = { file: "ci.yml", status: "completed", conclusion: "success" } as const;
  fleet.gitea.setRun(REPO, commit, run);
}

function developers(fleet: RunningFleet): number {
  return fleet.started.filter(({ role }) => role === "developer").length;
}

describe("the gate ci-green", () => {
  it("waits while CI is not done, and tells nobody", async () => {
    const { fleet, head } = await fleetWithCi();
    fleet.gitea.setStatus(REPO, head, "build", "success");
    fleet.gitea.setStatus(REPO, head, "lint", "pending");
    await fleet.untilItem(7, ({ reason }) => reason === "CI is not done: lint, ci.yml.");
    await fleet.gitea.settled();
    await fleet.untilQuiet();
    expect(await fleet.untilItem(7, () => true)).toMatchObject({ status: "waiting" });
    expect(fleet.said(7)).toEqual([]);
    expect(developers(fleet)).toBe(1);
  });

  it("lets the item go on when every named context and workflow is green, over all pages", async () => {
    const { fleet, head } = await fleetWithCi();
    green(fleet, head);
    const item = await fleet.untilItem(7, ({ status }) => status === "done");
    await fleet.untilQuiet();
    expect(developers(fleet)).toBe(1);
    const verdicts = await fleet.store.items.history(item.id);
    expect(verdicts.findLast(({ kind }) => kind === "verdict")).toMatchObject({
      passed: true,
      commit: head,
      evidence: "build: success\nlint: success\nci.yml: success",
    });
  });

  it("sends a red head back to the developer, naming the context, until the cap", async () => {
    const { fleet, head } = await fleetWithCi();
    let red = head;
    for (const run of [2, 3]) {
      fleet.gitea.setStatus(REPO, red, "lint", "failure");
      const item = await fleet.untilItem(7, (now) => now.head !== red && waitsForCi(now));
      await fleet.untilQuiet();
      expect(developers(fleet)).toBe(run);
      expect(fleet.started.at(-1)?.prompt).toContain("CI failed: lint.");
      red = item.head ?? "";
    }
    fleet.gitea.setStatus(REPO, red, "build", "error");
    const item = await fleet.untilItem(7, ({ status }) => status === "blocked");
    await fleet.untilQuiet();
    expect(item).toMatchObject({ stage: "development", developerRuns: 3 });
    expect(developers(fleet)).toBe(3);
    expect(fleet.said(7)).toEqual([expect.stringContaining("is blocked")]);
  });

  it("looks in a deploy without an agent, too: CI may be who deploys", async () => {
    const fleet = await runFleet({
      projects: { [REPO]: { pipeline: "by-ci" } },
      file: {
        gates: {
          "tests-local": { command: ["true"], timeoutMinutes: 1 },
          "ci-green": { contexts: ["deploy"] },
        },
        pipelines: {
          "by-ci": [
            { stage: "development", agent: "developer", gate: "tests-local" },
            { stage: "deploy", gate: "ci-green" },
          ],
        },
      },
    });
    fleet.assignedIssue({ number: 7 });
    const { head } = await fleet.untilItem(7, ({ stage }) => stage === "deploy");
    await fleet.untilQuiet();
    expect(await fleet.untilItem(7, () => true)).toMatchObject({
      stage: "deploy",
      status: "waiting",
      reason: "CI is not done: deploy.",
    });
    fleet.gitea.setStatus(REPO, head ?? "", "deploy", "success");
    await fleet.untilItem(7, ({ status }) => status === "done");
  });

  it("is not moved by what CI says of a commit that was replaced", async () => {
    const { fleet, item, head } = await fleetWithCi();
    const newer = await fleet.remote.commit(item.branch, { "notes.md": "by a person\n" });
    fleet.gitea.setBranch(REPO, item.branch, newer, APPROVER);
    await fleet.untilItem(7, (now) => now.head === newer);
    await fleet.untilQuiet();
    const before = await fleet.untilItem(7, () => true);

    fleet.gitea.setStatus(REPO, head, "lint", "failure");
    await fleet.gitea.settled();
    await fleet.untilQuiet();
    green(fleet, head);
    await fleet.gitea.settled();
    await fleet.untilQuiet();
    expect(await fleet.untilItem(7, () => true)).toEqual(before);

    green(fleet, newer);
    await fleet.untilItem(7, ({ status }) => status === "done");
    expect(developers(fleet)).toBe(1);
  });
});

const REVIEWED = {
  projects: { [REPO]: { pipeline: "reviewed" } },
  file: {
    pipelines: {
      reviewed: [
        { stage: "development", agent: "developer", gate: "tests-local" },
        { stage: "review", agent: "reviewer", gate: "review-approved" },
      ],
    },
  },
} as const;

async function awaitingReview(file: Record<string, unknown> = REVIEWED.file) {
  const fleet = await runFleet({ ...REVIEWED, file });
  fleet.assignedIssue({ number: 7 });
  await fleet.untilItem(7, ({ status }) => status === "awaiting-approval");
  await fleet.untilQuiet();
  const [pull] = fleet.gitea.pullRequests(REPO);
  if (pull === undefined) throw new Error("no pull request was opened");
  return { fleet, pull: pull.number };
}

describe("the gate review-approved", () => {
  it("lets the item go on when a person approves its pull request", async () => {
    const { fleet, pull } = await awaitingReview();
    expect(fleet.said(7)).toEqual([]);
    fleet.gitea.review(REPO, pull, { reviewer: APPROVER, state: "APPROVED" });
    await fleet.untilItem(7, ({ status }) => status === "done");
    await fleet.untilQuiet();
    expect(fleet.said(7)).toEqual([expect.stringContaining("is done")]);
  });

  it("has a pull request to look at though no agent reviews", async () => {
    const stages = [
      { stage: "development", agent: "developer", gate: "tests-local" },
      { stage: "review", gate: "review-approved" },
    ];
    const { fleet, pull } = await awaitingReview({ pipelines: { reviewed: stages } });
    fleet.gitea.review(REPO, pull, { reviewer: APPROVER, state: "APPROVED" });
    await fleet.untilItem(7, ({ status }) => status === "done");
    expect(fleet.started).toHaveLength(1);
  });

  it("reports a request for changes once, and stays until it is taken back", async () => {
    const { fleet, pull } = await awaitingReview();
    fleet.gitea.review(REPO, pull, { reviewer: STRANGER, state: "REQUEST_CHANGES" });
    await fleet.untilItem(7, ({ reason }) => reason.includes("requested changes"));
    fleet.gitea.review(REPO, pull, { reviewer: APPROVER, state: "COMMENT" });
    await fleet.gitea.settled();
    await fleet.untilQuiet();
    const told = () => fleet.said(7).filter((text) => text.includes("requested changes"));
    expect(told()).toHaveLength(1);
    expect(await fleet.untilItem(7, () => true)).toMatchObject({ stage: "review" });
    expect(fleet.started).toHaveLength(2);

    fleet.gitea.review(REPO, pull, { reviewer: APPROVER, state: "APPROVED" });
    await fleet.gitea.settled();
    await fleet.untilQuiet();
    expect(await fleet.untilItem(7, () => true)).toMatchObject({ stage: "review" });

    fleet.gitea.review(REPO, pull, { reviewer: STRANGER, state: "APPROVED" });
    await fleet.untilItem(7, ({ status }) => status === "done");
    expect(told()).toHaveLength(1);
  });

  it.each(["stale", "dismissed"])("takes no %s approval for one", async (flag) => {
    const { fleet, pull } = await awaitingReview();
    const version = (await fleet.untilItem(7, () => true)).consumed.length;
    fleet.gitea.review(REPO, pull, { reviewer: APPROVER, state: "APPROVED", [flag]: true });
    await fleet.untilItem(7, ({ consumed }) => consumed.length > version);
    await fleet.untilQuiet();
    expect(await fleet.untilItem(7, () => true)).toMatchObject({
      stage: "review",
      status: "awaiting-approval",
    });
    expect(fleet.said(7)).toEqual([]);
  });
});
