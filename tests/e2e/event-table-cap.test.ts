import { describe, expect, it } from "vitest";
import { GOOD, inTurn, leaving } from "../support/agents.js";
import { checkSays, filed, inOrder, pushes, says } from "../support/people-acts.js";
import { APPROVER } from "../support/running-fleet.js";
import { CHECKED, named, play, type Row, STEPS } from "../support/table-row.js";
import { PLACES, type WatchedFleet } from "../support/watched-fleet.js";

const CI = { gates: { "ci-green": { contexts: ["build"] } } };
const ONE_RUN = { limits: { developerRuns: 1 } };
const TAKEN_ON = "The issue was taken on.";
const CHANGES = leaving({ "12-review.md": "verdict: REQUEST_CHANGES\n\nName the counter.\n" });
const CRASHES = leaving({ "13-test-report.md": "verdict: FAIL\n\nIt crashes.\n" });
const FAILS = {
  gates: { "tests-local": { command: ["sh", "-c", "echo no counter; exit 3"], timeoutMinutes: 1 } },
};

const ciIsRed = checkSays("build", "failure");
const ciIsGreen = checkSays("build", "success");

/** No job is left that would start an agent of the version the cap holds. */
async function nobodyIsToRun({ fleet }: WatchedFleet, version: number) {
  const run = `ET-001-v${version}-run`;
  expect(await fleet.store.queues.get("runs").getJob(run)).toBeUndefined();
}

const blocked = (row: Omit<Row, "row"> & { readonly after: string }): Row => ({
  row: `past the cap, ${row.after}: still moves to (or stays in) development, no run is added, \`blocked\`, alert (I6)`,
  given: { ...row.given, file: { ...ONE_RUN, ...row.given.file } },
  when: row.when,
  follows: {
    ...row.follows,
    item: { stage: "development", status: "blocked", developerRuns: 1, ...row.follows.item },
    also: (watched, { version }) => nobodyIsToRun(watched, version),
  },
});
const SPENT =
  "ET-001 is blocked: 1 of 1 developer runs are spent. An approver's /retry grants one more.";
const ALERT = "ET-001 Count the telemetry is blocked: 1 of 1 developer runs are spent.";

const pastTheCap: readonly Row[] = [
  blocked({
    after: "the developer's gate fails",
    given: { steps: [STEPS.development], file: FAILS },
    when: filed,
    follows: {
      item: { version: 2 },
      roles: ["developer"],
      moves: ["development → development"],
      comments: [`${SPENT} … no counter`],
      messages: [TAKEN_ON, ALERT],
      state: "In Progress",
    },
  }),
  blocked({
    after: "CI turns red, and red again",
    given: { steps: [CHECKED], file: CI, before: inOrder(filed) },
    when: inOrder(ciIsRed, ciIsRed),
    follows: {
      item: { version: 2 },
      moves: ["development → development"],
      comments: [`${SPENT} … build: failure`],
      messages: [`${ALERT} CI failed: build.`],
      state: "In Progress",
    },
  }),
  blocked({
    after: "the reviewer wants changes",
    given: { steps: [STEPS.development, STEPS.review], agents: { reviewer: CHANGES } },
    when: filed,
    follows: {
      item: { version: 3 },
      roles: ["developer", "reviewer"],
      moves: ["development → review", "review → development"],
      comments: [`${SPENT} … Name the counter.`],
      messages: [TAKEN_ON, "development → review.", ALERT],
      state: "In Progress",
      pullRequest: { open: true },
    },
  }),
  blocked({
    after: "a tester also state Blocked",
    given: { steps: [STEPS.development, STEPS.testing], agents: { tester: CRASHES } },
    when: filed,
    follows: {
      item: { version: 3 },
      roles: ["developer", "tester"],
      moves: ["development → testing", "testing → development"],
      comments: [`${SPENT} … It crashes.`],
      messages: [TAKEN_ON, "development → testing.", ALERT],
      state: "Blocked",
    },
  }),
  blocked({
    after: "a tester, CI that is green again on the same head moves nothing",
    given: {
      steps: [CHECKED, STEPS.testing],
      agents: { tester: CRASHES },
      file: CI,
      before: inOrder(filed, ciIsGreen),
    },
    when: inOrder(ciIsGreen, ciIsGreen),
    follows: { item: { version: 3 }, moves: [], comments: [], messages: [], state: "Blocked" },
  }),
  {
    row: "past the cap: a person's commit goes on once CI is green on it",
    given: {
      steps: [CHECKED, STEPS.testing],
      agents: { tester: inTurn(CRASHES, GOOD.tester) },
      file: { ...ONE_RUN, ...CI },
      before: inOrder(filed, ciIsGreen),
    },
    when: inOrder(pushes({ "notes.md": "mended\n" }), ciIsGreen),
    follows: {
      item: { stage: "done", status: "done" },
      roles: ["tester"],
      moves: ["development → testing", "testing → done"],
      comments: ["ET-001 is done."],
      messages: ["development → testing.", "testing → done."],
      state: "Done",
    },
  },
  {
    row: "the cap: 3 developer runs an item, the first included",
    given: { steps: [STEPS.development, STEPS.testing], agents: { tester: CRASHES } },
    when: filed,
    follows: {
      item: { stage: "development", status: "blocked", version: 7, developerRuns: 3 },
      roles: ["developer", "tester", "developer", "tester", "developer", "tester"],
      comments: [
        "ET-001 goes back to development.",
        "ET-001 goes back to development.",
        "ET-001 is blocked: 3 of 3 developer runs are spent.",
      ],
      moves: [1, 2, 3].flatMap(() => ["development → testing", "testing → development"]),
      messages: [
        TAKEN_ON,
        ...[1, 2, 3].map(() => "development → testing."),
        ...[1, 2].map(() => "testing → development."),
        "is blocked: 3 of 3",
      ],
      state: "Blocked",
    },
  },
  {
    row: "past the cap: an approver's `/retry` grants one more run",
    given: {
      steps: [STEPS.development, STEPS.testing],
      agents: { tester: CRASHES },
      file: ONE_RUN,
      before: inOrder(filed),
    },
    when: says(APPROVER, "/retry"),
    follows: {
      item: { stage: "development", status: "blocked", developerRuns: 2, grantedRuns: 1 },
      roles: ["developer", "tester"],
      moves: ["development → development", "development → testing", "testing → development"],
      answer: { signs: ["+1"], words: "alice … asked to try again." },
      comments: ["ET-001 is blocked: 2 of 2 developer runs are spent. … It crashes."],
      messages: [
        "development → development. alice … asked to try again.",
        "development → testing.",
        "is blocked: 2 of 2",
      ],
      state: "Blocked",
      also: async ({ fleet }) => {
        const { prompt } = fleet.started.findLast(({ role }) => role === "developer") ?? {};
        expect(prompt).toContain("It crashes.");
        expect(prompt).toContain("attempt 2/2");
      },
    },
  },
];

describe.each(PLACES)("past the cap, in %s:", (place) => {
  it.each(named(pastTheCap))("%s", (_, row) => play(row, place));
});
