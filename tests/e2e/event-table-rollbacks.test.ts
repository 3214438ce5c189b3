import { describe, it } from "vitest";
import {
  type Agent,
  GOOD,
  inTurn,
  leaving,
  leavingNothing,
  untilStopped,
} from "../support/agents.js";
import { checkSays, filed, inOrder, says } from "../support/people-acts.js";
import { APPROVER } from "../support/running-fleet.js";
import { CHECKED, named, play, type Row, STEPS } from "../support/table-row.js";
import { PLACES } from "../support/watched-fleet.js";

const CI = { gates: { "ci-green": { contexts: ["build"] } } };

const TAKEN_ON = "The issue was taken on.";
const CONFLICT = `The store can't count. ${"So say I. ".repeat(60)}And that is all.`;
const CHANGES = leaving({ "12-review.md": "verdict: REQUEST_CHANGES\n\nName the counter.\n" });
const CRASHES = leaving({ "13-test-report.md": "verdict: FAIL\n\nIt crashes.\n" });
/** A developer whose second run is still under way when we look. */
const onceThenBusy: Agent = inTurn(GOOD.developer, untilStopped);
const failing = (script: string) => ({
  gates: { "tests-local": { command: ["sh", "-c", script], timeoutMinutes: 1 } },
});
const FAILS = failing("echo no counter anywhere; exit 3");

const architect: readonly Row[] = [
  {
    row: "architect finished, gate fails, `10-conflict.md` counts: back to analysis, the conflict (500 characters) quoted, analyst rerun with it",
    given: {
      steps: [STEPS.analysis, STEPS.architecture],
      agents: {
        analyst: inTurn(GOOD.analyst, untilStopped),
        architect: leaving({ "10-conflict.md": CONFLICT }),
      },
      before: inOrder(filed),
    },
    when: says(APPROVER, ":approved:"),
    follows: {
      item: { stage: "analysis", status: "running", version: 3, approval: null },
      working: true,
      roles: ["architect", "analyst"],
      moves: ["analysis → architecture", "architecture → analysis"],
      verdicts: [{ passed: true }, { gate: "architecture-done", passed: false }],
      answer: { signs: ["eyes", "+1"], words: "alice … heard" },
      comments: [
        `ET-001 goes back to analysis. The architect found a conflict (10-conflict.md). … ${CONFLICT.slice(0, 500)}…`,
      ],
      messages: ["analysis → architecture.", "architecture → analysis. The architect found"],
      state: "In Progress",
      prompt: [CONFLICT, "10-conflict.md"],
    },
  },
  {
    row: "architect finished, the `10-conflict.md` of the round before doesn't count",
    given: {
      steps: [STEPS.analysis, STEPS.architecture],
      agents: { architect: inTurn(leaving({ "10-conflict.md": CONFLICT }), GOOD.architect) },
      before: inOrder(filed, says(APPROVER, ":approved:")),
    },
    when: says(APPROVER, ":approved:"),
    follows: {
      item: { stage: "done", status: "done", version: 5 },
      roles: ["architect"],
      moves: ["analysis → architecture", "architecture → done"],
      answer: { signs: ["eyes", "+1"], words: "alice … heard" },
      comments: ["ET-001 is done. The architecture is decided."],
      messages: ["analysis → architecture.", "architecture → done."],
      state: "Done",
    },
  },
  {
    row: "architect finished, a rollback to a stage the pipeline lacks: stays, reported",
    given: {
      steps: [STEPS.architecture, STEPS.development],
      agents: { architect: leaving({ "10-conflict.md": CONFLICT }) },
    },
    when: filed,
    follows: {
      item: { stage: "architecture", status: "needs-input", version: 1 },
      roles: ["architect"],
      comments: ["ET-001 stays in architecture: The architect found a conflict"],
      messages: [TAKEN_ON, "stays in architecture: The architect found a conflict"],
      state: "In Progress",
    },
  },
];

const developer: readonly Row[] = [
  {
    row: "developer finished, gate fails: developer rerun with the failure's tail, within the cap",
    given: { steps: [STEPS.development], agents: { developer: onceThenBusy }, file: FAILS },
    when: filed,
    follows: {
      item: { stage: "development", status: "running", version: 2, developerRuns: 1 },
      working: true,
      roles: ["developer", "developer"],
      moves: ["development → development"],
      verdicts: [{ gate: "tests-local", passed: false }],
      messages: [
        TAKEN_ON,
        "development → development. `sh -c echo no counter anywhere; exit 3` failed with exit code 3.",
      ],
      state: "In Progress",
      prompt: ["no counter anywhere\n", "attempt 2/3"],
    },
  },
  {
    row: "or CI turns red on its head: developer rerun, within the cap",
    given: {
      steps: [CHECKED],
      agents: { developer: onceThenBusy },
      file: CI,
      before: inOrder(filed),
    },
    when: checkSays("build", "failure"),
    follows: {
      item: { stage: "development", status: "running", version: 2, developerRuns: 1 },
      working: true,
      roles: ["developer"],
      moves: ["development → development"],
      verdicts: [{ gate: "ci-green", passed: false }],
      messages: ["development → development. CI failed: build."],
      state: "In Progress",
      prompt: ["CI failed: build.", "build: failure", "attempt 2/3"],
    },
  },
  {
    row: "pending CI waits and is never reported (I11)",
    given: { steps: [CHECKED], file: CI },
    when: inOrder(filed, checkSays("build", "pending")),
    follows: {
      item: { stage: "development", status: "waiting", reason: "CI is not done: build." },
      roles: ["developer"],
      verdicts: [{ passed: false }, { passed: false }],
      messages: [TAKEN_ON],
      state: "In Progress",
    },
  },
];

const later: readonly Row[] = [
  {
    row: "reviewer finished, verdict REQUEST_CHANGES: back to development with the findings, within the cap",
    given: {
      steps: [STEPS.development, STEPS.review],
      agents: { developer: onceThenBusy, reviewer: CHANGES },
    },
    when: filed,
    follows: {
      item: { stage: "development", status: "running", version: 3, developerRuns: 1 },
      working: true,
      roles: ["developer", "reviewer", "developer"],
      moves: ["development → review", "review → development"],
      verdicts: [{ passed: true }, { gate: "reviewer-verdict", passed: false }],
      comments: [
        "ET-001 goes back to development. 12-review.md says verdict: REQUEST_CHANGES. … Name the counter.",
      ],
      messages: [TAKEN_ON, "development → review.", "review → development. 12-review.md says"],
      state: "In Progress",
      prompt: ["Name the counter.", "12-review.md", "attempt 2/3"],
      pullRequest: { open: true },
    },
  },
  ...(
    [
      ["says FAIL", CRASHES, "13-test-report.md says verdict: FAIL.", "It crashes."],
      [
        "can't be read",
        leaving({ "13-test-report.md": "All fine.\n" }),
        "can't be read",
        "All fine.",
      ],
      ["is absent", leavingNothing, "There is no 13-test-report.md.", "There is no"],
    ] as const
  ).map(
    ([how, tester, reason, why]): Row => ({
      row: `tester finished, gate fails for any reason (its report ${how}): back to development, the reason in a comment, within the cap`,
      given: {
        steps: [STEPS.development, STEPS.testing],
        agents: { developer: onceThenBusy, tester },
      },
      when: filed,
      follows: {
        item: { stage: "development", status: "running", version: 3, developerRuns: 1 },
        working: true,
        roles: ["developer", "tester", "developer"],
        moves: ["development → testing", "testing → development"],
        verdicts: [{ passed: true }, { gate: "tests-passed", passed: false }],
        comments: [`ET-001 goes back to development. … ${reason}`],
        messages: [TAKEN_ON, "development → testing.", "testing → development."],
        state: "In Progress",
        prompt: [why, "attempt 2/3"],
      },
    }),
  ),
];

describe.each(PLACES)("an agent that finished, in %s:", (place) => {
  it.each(named(architect))("%s", (_, row) => play(row, place));
  it.each(named(developer))("%s", (_, row) => play(row, place));
  it.each(named(later))("%s", (_, row) => play(row, place));
});
