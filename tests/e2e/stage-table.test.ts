import { describe, it } from "vitest";
import { type Agent, GOOD, leaving, leavingNothing, write } from "../support/agents.js";
import { checkSays, inOrder, reviewBy, says, workflowSays } from "../support/people-acts.js";
import { APPROVER, REPO, STRANGER } from "../support/running-fleet.js";
import { type Case, expectHeld, expectPassed } from "../support/stage-case.js";
import { CHECKED, named, REVIEWED_BY_PEOPLE, STEPS } from "../support/table-row.js";

const ANALYSED = {
  "02-brd.md": "a\n",
  "03-trz.md": "b\n",
  "04-acceptance-criteria.md": "c\n",
  "05-test-plan.md": "d\n",
};
const DEPLOYER = { agents: { default: { runner: "scripted", script: "unused" }, deployer: {} } };
const CI = { gates: { "ci-green": { contexts: ["build", "ci.yml"] } } };
const tests = (script: string) => ({
  gates: { "tests-local": { command: ["sh", "-c", script], timeoutMinutes: 1 } },
});
/** Leaves a file that no commit holds: a fresh checkout doesn't have it. */
const leavesItsBuild: Agent = async (context, signal) => {
  await write(context, { ".gitignore": "build/\n", "build/left.txt": "old\n" });
  return GOOD.developer(context, signal);
};

const passing: readonly Case[] = [
  {
    row: "analysis: four artifacts exist and are not empty, and a human approved that commit",
    step: STEPS.analysis,
    acts: says(APPROVER, ":approved:"),
    reason: "alice approved",
    launched: ["analyst", "architect"],
  },
  {
    row: "architecture: at least one `06-adr/*.md`",
    step: STEPS.architecture,
    reason: "The architecture is decided.",
    launched: ["architect", "developer"],
  },
  {
    row: "development: the configured test command passes in a fresh checkout",
    step: STEPS.development,
    given: {
      agents: { developer: leavesItsBuild },
      file: tests("test -f src/ET-001-1.txt && test ! -e build"),
    },
    reason: "passed",
    launched: ["developer", "reviewer"],
  },
  {
    row: "development: every context named in `gates.ci-green.contexts` is success on the branch head",
    step: CHECKED,
    given: { file: CI },
    acts: inOrder(
      checkSays("build", "success"),
      checkSays("other", "failure"),
      workflowSays("success"),
    ),
    reason: "CI is green.",
    launched: ["developer", "reviewer"],
  },
  {
    row: "review: `12-review.md` says `verdict: APPROVED`",
    step: STEPS.review,
    given: {
      agents: {
        reviewer: leaving({
          "12-review.md": "---\nverdict: approved\n---\n",
          "09-review.md": "verdict: REQUEST_CHANGES\n",
        }),
      },
    },
    reason: "12-review.md says",
    launched: ["developer", "reviewer", "tester"],
  },
  {
    row: "review: else `09-review.md` says `verdict: APPROVED`",
    step: STEPS.review,
    given: { agents: { reviewer: leaving({ "09-review.md": "Verdict: Approved\n" }) } },
    reason: "09-review.md says",
    launched: ["developer", "reviewer", "tester"],
  },
  {
    row: "review: the open pull request has a current approval and no open request for changes",
    step: REVIEWED_BY_PEOPLE,
    acts: inOrder(
      reviewBy(STRANGER, "REQUEST_CHANGES"),
      reviewBy(APPROVER, "APPROVED"),
      reviewBy(STRANGER, "APPROVED"),
    ),
    reason: "mallory, alice approved",
    launched: ["developer", "reviewer", "tester"],
  },
  {
    row: "testing: `13-test-report.md` says `verdict: PASS`",
    step: STEPS.testing,
    given: { file: DEPLOYER },
    reason: "13-test-report.md says",
    launched: ["tester", "deployer"],
  },
  {
    row: "deploy: `14-deploy.md` says `verdict: SUCCESS`",
    step: STEPS.deploy,
    given: { file: DEPLOYER },
    reason: "14-deploy.md says",
    launched: ["deployer"],
  },
  {
    row: "deploy: with no deployer configured the stage passes",
    step: STEPS.deploy,
    reason: "No deployer is configured.",
    launched: [],
  },
  {
    row: "`gate` may be left out: the stage passes when its run succeeds",
    step: { stage: "development", agent: "developer" },
    reason: "The run succeeded.",
    launched: ["developer", "reviewer"],
  },
];

const failing: readonly Case[] = [
  {
    row: "analysis: not while one of the four is empty",
    step: STEPS.analysis,
    given: { agents: { analyst: leaving({ ...ANALYSED, "05-test-plan.md": " \n" }) } },
    acts: says(APPROVER, ":approved:"),
    reason: "Missing or empty: 05-test-plan.md.",
    launched: ["analyst"],
  },
  {
    row: "analysis: not while nobody approved that commit",
    step: STEPS.analysis,
    reason: "an approval of",
    launched: ["analyst"],
  },
  {
    row: "architecture: not without a `06-adr/*.md`",
    step: STEPS.architecture,
    given: { agents: { architect: leaving({ "06-adr/deeper/0001.md": "no\n" }) } },
    reason: "There is no decision record",
    launched: ["architect"],
  },
  {
    row: "architecture: not with a `10-conflict.md` that counts",
    step: STEPS.architecture,
    given: { agents: { architect: leaving({ "06-adr/1.md": "yes\n", "10-conflict.md": "no\n" }) } },
    reason: "The architect found a conflict",
    launched: ["architect"],
  },
  {
    row: "development: not where the command fails, whatever stands in the agent's worktree",
    step: STEPS.development,
    given: { agents: { developer: leavesItsBuild }, file: { ...tests("cat build/left.txt") } },
    reason: "failed with exit code 1.",
    launched: ["developer"],
  },
  {
    row: "development: not while a named context isn't success",
    step: CHECKED,
    given: { file: CI },
    acts: checkSays("build", "success"),
    reason: "CI is not done: ci.yml.",
    launched: ["developer"],
  },
  {
    row: "review: not by a `09-review.md` beside a `12-review.md` that says no",
    step: STEPS.review,
    given: {
      agents: {
        reviewer: leaving({
          "12-review.md": "verdict: REQUEST_CHANGES\n",
          "09-review.md": "verdict: APPROVED\n",
        }),
      },
    },
    reason: "12-review.md says",
    launched: ["developer", "reviewer"],
  },
  {
    row: "review: not with an open request for changes",
    step: REVIEWED_BY_PEOPLE,
    acts: inOrder(reviewBy(STRANGER, "REQUEST_CHANGES"), reviewBy(APPROVER, "APPROVED")),
    reason: "mallory requested changes",
    launched: ["developer", "reviewer"],
  },
  {
    row: "review: not by an approval that isn't current",
    step: REVIEWED_BY_PEOPLE,
    acts: inOrder(
      reviewBy(STRANGER, "APPROVED", { dismissed: true }),
      reviewBy(APPROVER, "APPROVED", { stale: true }),
    ),
    reason: "A current approval",
    launched: ["developer", "reviewer"],
  },
  {
    row: "review: with no pull request: not passed",
    step: REVIEWED_BY_PEOPLE,
    acts: async (watched) => {
      const number = watched.pullRequests()[0]?.number ?? 0;
      await watched.unheard(() => watched.fleet.gitea.closePullRequest(REPO, number));
      await watched.says(APPROVER, "/approve");
    },
    reason: "has no open pull request.",
    launched: ["developer", "reviewer"],
  },
  {
    row: "testing: not where `13-test-report.md` says anything else",
    step: STEPS.testing,
    given: { agents: { tester: leaving({ "13-test-report.md": "verdict: PASSABLE\n" }) } },
    reason: "13-test-report.md says",
    launched: ["tester"],
  },
  {
    row: "deploy: not where the deployer says nothing",
    step: STEPS.deploy,
    given: { agents: { deployer: leavingNothing }, file: DEPLOYER },
    reason: "There is no 14-deploy.md.",
    launched: ["deployer"],
  },
];

describe("a stage passes, and advancing launches the agent of the next:", () => {
  it.each(named(passing))("%s", (_, one) => expectPassed(one));

  it("review: `reviewer-verdict` where the project has no forge", () =>
    expectPassed(
      {
        row: "",
        step: REVIEWED_BY_PEOPLE,
        given: { project: { repo: undefined } },
        reason: "12-review.md says",
        launched: ["developer", "reviewer", "tester"],
      },
      "Plane",
    ));
});

describe("a stage doesn't pass, and nobody else is launched:", () => {
  it.each(named(failing))("%s", (_, one) => expectHeld(one));
});
