import { describe, expect, it } from "vitest";
import { GOOD, inTurn, leaving, leavingNothing } from "../support/agents.js";
import {
  checkSays,
  checkSaysUnheard,
  filed,
  inOrder,
  pushedAgain,
  pushes,
  reviewBy,
  says,
  workflowSays,
} from "../support/people-acts.js";
import { APPROVER, STRANGER } from "../support/running-fleet.js";
import { CHECKED, named, play, REVIEWED_BY_PEOPLE, type Row, STEPS } from "../support/table-row.js";
import { PLACES } from "../support/watched-fleet.js";

const TAKEN_ON = "The issue was taken on.";
const DONE = { stage: "done", status: "done" } as const;
const NO_REVIEW = "There is no 12-review.md or 09-review.md.";
const HEARD = "alice … heard; the gate of";
const ADVANCED = { signs: ["eyes", "+1"], words: HEARD } as const;
const REFUSED = { signs: ["eyes", "-1"], words: HEARD } as const;

/** What happened to a branch whose only check is CI, and to one a person must let through. */
const checked = {
  steps: [CHECKED],
  file: { gates: { "ci-green": { contexts: ["build"] } } },
  before: inOrder(filed),
} as const;
const workflowChecked = { ...checked, file: { gates: { "ci-green": { contexts: ["ci.yml"] } } } };
/** The reviewer leaves no verdict: the item stays in review until a person acts. */
const stuck = {
  steps: [STEPS.development, STEPS.review],
  agents: { reviewer: leavingNothing },
  before: inOrder(filed),
} as const;
const reviewed = {
  steps: [STEPS.development, REVIEWED_BY_PEOPLE],
  before: inOrder(filed),
} as const;

const byPeople: readonly Row[] = [
  {
    row: "the same (`/approve`) in another stage: evaluates the gate, never overrides it",
    given: stuck,
    when: says(APPROVER, "/approve"),
    follows: {
      item: { stage: "review", status: "needs-input", version: 2, approval: null },
      verdicts: [{ gate: "reviewer-verdict", passed: false }],
      answer: REFUSED,
      comments: [`ET-001 stays in review: ${NO_REVIEW}`],
      messages: [`stays in review: ${NO_REVIEW}`],
      state: "In Progress",
      pullRequest: { open: true },
    },
  },
  {
    row: "the same (`:approved:`) in another stage: evaluates the gate, which passes by itself",
    given: { ...checked, before: inOrder(filed, checkSaysUnheard("build", "success")) },
    when: says(APPROVER, ":approved:"),
    follows: {
      item: { ...DONE, version: 2 },
      moves: ["development → done"],
      verdicts: [{ gate: "ci-green", passed: true }],
      answer: ADVANCED,
      comments: ["ET-001 is done. CI is green."],
      messages: ["development → done. CI is green."],
      state: "Done",
    },
  },
  {
    row: "`/reject <reason>` in review: reruns the stage's agent with the reason",
    given: { ...stuck, agents: { reviewer: inTurn(leavingNothing, GOOD.reviewer) } },
    when: says(APPROVER, "/reject Write it down."),
    follows: {
      item: { ...DONE, version: 4, developerRuns: 1 },
      roles: ["reviewer"],
      moves: ["review → review", "review → done"],
      answer: { signs: ["+1"], words: "alice … rejected the result." },
      comments: ["ET-001 is done."],
      messages: ["review → review. alice … rejected the result.", "review → done."],
      state: "Done",
      prompt: ["a person rejected the result", "Write it down."],
      pullRequest: { open: true },
    },
  },
  {
    row: "gate fails on a human's trigger: reported (comment and notification), stays, no rollback",
    given: { ...checked, before: inOrder(filed, checkSaysUnheard("build", "failure")) },
    when: says(APPROVER, "/approve"),
    follows: {
      item: { stage: "development", status: "needs-input", version: 1, developerRuns: 1 },
      verdicts: [{ gate: "ci-green", passed: false }],
      answer: REFUSED,
      comments: ["ET-001 stays in development: CI failed: build. … build: failure"],
      messages: ["stays in development: CI failed: build."],
      state: "In Progress",
    },
  },
  {
    row: "gate fails on a webhook's trigger: reported (comment and notification), stays, no rollback",
    given: stuck,
    when: pushes({ "12-review.md": "verdict: REQUEST_CHANGES\n\nName it.\n" }),
    follows: {
      item: { stage: "review", status: "needs-input", version: 2, developerRuns: 1 },
      verdicts: [{ gate: "reviewer-verdict", passed: false }],
      comments: ["ET-001 stays in review: 12-review.md says verdict: REQUEST_CHANGES. … Name it."],
      messages: ["stays in review: 12-review.md says"],
      state: "In Progress",
      pullRequest: { open: true },
    },
  },
  {
    row: "a person requests changes: reported (comment and notification), stays, no rollback",
    given: reviewed,
    when: reviewBy(STRANGER, "REQUEST_CHANGES"),
    follows: {
      item: { stage: "review", status: "awaiting-approval", version: 2, developerRuns: 1 },
      verdicts: [{ gate: "review-approved", passed: false }],
      comments: ["ET-001 stays in review: mallory requested changes on pull request #"],
      messages: ["stays in review: mallory requested changes"],
      state: "In Progress",
      pullRequest: { open: true },
    },
  },
];

const otherFailures: readonly Row[] = [
  {
    row: "any other gate failure (the architect decided nothing): stays; reported once",
    given: {
      steps: [STEPS.architecture, STEPS.development],
      agents: { architect: leavingNothing },
    },
    when: inOrder(filed, pushedAgain),
    follows: {
      item: { stage: "architecture", status: "needs-input", version: 1 },
      roles: ["architect"],
      verdicts: [{ passed: false }, { passed: false }],
      comments: ["ET-001 stays in architecture: There is no decision record 06-adr/*.md."],
      messages: [TAKEN_ON, "stays in architecture: There is no decision record"],
      state: "In Progress",
    },
  },
  {
    row: "any other gate failure (the reviewer says nothing): stays; reported once",
    given: { ...stuck, before: async () => undefined },
    when: inOrder(filed, pushedAgain),
    follows: {
      item: { stage: "review", status: "needs-input", version: 2 },
      roles: ["developer", "reviewer"],
      moves: ["development → review"],
      verdicts: [{ passed: true }, { passed: false }, { passed: false }],
      comments: [`ET-001 stays in review: ${NO_REVIEW}`],
      messages: [TAKEN_ON, "development → review.", `stays in review: ${NO_REVIEW}`],
      state: "In Progress",
      pullRequest: { open: true },
    },
  },
  {
    row: "any other gate failure (the deployment failed): stays; reported once",
    given: {
      steps: [STEPS.development, STEPS.deploy],
      agents: { deployer: leaving({ "14-deploy.md": "verdict: FAILURE\n\nDisk full.\n" }) },
      file: { agents: { default: { runner: "scripted", script: "unused" }, deployer: {} } },
    },
    when: inOrder(filed, pushedAgain),
    follows: {
      item: { stage: "deploy", status: "needs-input", version: 2, developerRuns: 1 },
      roles: ["developer", "deployer"],
      moves: ["development → deploy"],
      verdicts: [{ passed: true }, { passed: false }, { passed: false }],
      comments: ["ET-001 stays in deploy: 14-deploy.md says verdict: FAILURE. … Disk full."],
      messages: [TAKEN_ON, "development → deploy.", "stays in deploy: 14-deploy.md says"],
      state: "In Progress",
    },
  },
  {
    row: "any other gate failure, a rollback to a stage the pipeline lacks: stays, reported",
    given: {
      steps: [STEPS.testing],
      agents: { tester: leaving({ "13-test-report.md": "verdict: FAIL\n\nIt crashes.\n" }) },
    },
    when: filed,
    follows: {
      item: { stage: "testing", status: "needs-input", version: 1 },
      roles: ["tester"],
      comments: ["ET-001 stays in testing: 13-test-report.md says verdict: FAIL. … It crashes."],
      messages: [TAKEN_ON, "stays in testing: 13-test-report.md says"],
      state: "In Progress",
    },
  },
];

const toDone = (from: string, reason: string) =>
  ({
    item: DONE,
    moves: [`${from} → done`],
    verdicts: [{ passed: true }],
    comments: [`ET-001 is done. ${reason}`],
    messages: [`${from} → done. ${reason}`],
    state: "Done",
  }) as const;

const webhooks: readonly Row[] = [
  {
    row: "CI status webhook for an item's branch: evaluates the gate of its current stage again",
    given: checked,
    when: checkSays("build", "success"),
    follows: toDone("development", "CI is green."),
  },
  {
    row: "workflow webhook for an item's branch: evaluates the gate of its current stage again",
    given: workflowChecked,
    when: workflowSays("success"),
    follows: toDone("development", "CI is green."),
  },
  {
    row: "review webhook for an item's branch: evaluates the gate of its current stage again",
    given: reviewed,
    when: reviewBy(APPROVER, "APPROVED"),
    follows: {
      ...toDone("review", "alice approved pull request #"),
      pullRequest: { open: true },
    },
  },
  {
    row: "push webhook for an item's branch: evaluates the gate of its current stage again",
    given: stuck,
    when: pushes({ "12-review.md": "verdict: APPROVED\n\nI read it myself.\n" }),
    follows: {
      ...toDone("review", "12-review.md says"),
      pullRequest: { open: true },
    },
  },
  {
    row: "CI status and review webhooks: only if that gate can have changed",
    given: stuck,
    when: inOrder(
      checkSays("build", "success"),
      reviewBy(APPROVER, "APPROVED"),
      reviewBy(STRANGER, "REQUEST_CHANGES"),
    ),
    follows: {
      item: { stage: "review", status: "needs-input", version: 2 },
      verdicts: [],
      state: "In Progress",
      pullRequest: { open: true },
      also: async ({ fleet }) => {
        expect(fleet.gitea.delivered.slice(-3)).toMatchObject(
          [1, 2, 3].map(() => ({ status: 200 })),
        );
      },
    },
  },
];

describe.each(PLACES)("a look at a gate, in %s:", (place) => {
  it.each(named(byPeople))("%s", (_, row) => play(row, place));
  it.each(named(otherFailures))("%s", (_, row) => play(row, place));
  it.each(named(webhooks))("%s", (_, row) => play(row, place));
});
