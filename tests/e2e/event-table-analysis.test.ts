import { describe, expect, it } from "vitest";
import {
  GOOD,
  inTurn,
  leaving,
  leavingNothing,
  untilStopped,
  writeArtifacts,
} from "../support/agents.js";
import { filed, inOrder, says } from "../support/people-acts.js";
import { APPROVER, STRANGER } from "../support/running-fleet.js";
import { named, play, type Row } from "../support/table-row.js";
import { PLACES, type WatchedFleet } from "../support/watched-fleet.js";

const TAKEN_ON = "ET-001 Count the telemetry: analysis. The issue was taken on.";
const ASKED = "ET-001 Count the telemetry: The analysis waits for an approval of commit";
const READY =
  "The analysis of ET-001 is ready at commit HEAD. … an approver comments :approved: (or /approve)";
const asking = leaving({ "01-questions.md": "Which port?\n" });
const withoutPlan = leaving({
  "02-brd.md": "a\n",
  "03-trz.md": "b\n",
  "04-acceptance-criteria.md": "c\n",
});
const AWAITING = { stage: "analysis", status: "awaiting-approval" } as const;
const fileAndRest = inOrder(filed);

/** A person's commit that the fleet isn't told of. */
const personCommits = async ({ fleet, item }: WatchedFleet) => {
  await fleet.remote.commit((await item()).branch, { "notes.md": "by the way\n" });
};

/** An approval as the history keeps it: who, and which commit. */
async function approvalsOf({ fleet }: WatchedFleet) {
  const history = await fleet.store.items.history("ET-001");
  return history.filter(({ kind }) => kind === "command");
}

const finished: readonly Row[] = [
  {
    row: "analyst finished, artifacts complete",
    given: {},
    when: filed,
    follows: {
      item: { ...AWAITING, version: 1, developerRuns: 0, approval: null },
      roles: ["analyst"],
      verdicts: [{ gate: "analysis-approved", passed: false }],
      comments: [READY],
      messages: [TAKEN_ON, ASKED],
      state: "In Review",
      also: async (_, item) => expect(item.approvalRequested).toBe(item.head),
    },
  },
  {
    row: "analyst finished, artifacts complete (the first fitting row wins: questions beside them)",
    given: {
      agents: {
        analyst: async (context, signal) => {
          await writeArtifacts(context, { "01-questions.md": "Which port?\n" });
          return GOOD.analyst(context, signal);
        },
      },
    },
    when: filed,
    follows: {
      item: { ...AWAITING, questionsOpen: false },
      roles: ["analyst"],
      comments: [READY],
      messages: [TAKEN_ON, ASKED],
      state: "In Review",
    },
  },
  {
    row: "analyst finished, `01-questions.md` counts",
    given: { agents: { analyst: asking } },
    when: filed,
    follows: {
      item: { stage: "analysis", status: "needs-input", version: 1, questionsOpen: true },
      roles: ["analyst"],
      comments: ["The analyst of ET-001 has questions. Answer in a comment here. … Which port?"],
      messages: [TAKEN_ON, "ET-001 Count the telemetry: The analyst has questions"],
      state: "Needs Input",
    },
  },
  {
    row: "analyst finished, `01-questions.md` counts: an answer reruns the analyst",
    given: { agents: { analyst: inTurn(asking, untilStopped) }, before: fileAndRest },
    when: says(STRANGER, "Port 3000, please."),
    follows: {
      item: { stage: "analysis", status: "running", version: 2, questionsOpen: false },
      working: true,
      roles: ["analyst"],
      moves: ["analysis → analysis"],
      answer: { signs: ["+1"], words: "mallory … answered the questions." },
      messages: ["analysis → analysis. mallory … answered the questions."],
      state: "In Progress",
      prompt: ["a person answered the questions", "Port 3000, please.", "Which port?"],
    },
  },
  {
    row: "analyst finished with neither",
    given: { agents: { analyst: withoutPlan } },
    when: filed,
    follows: {
      item: { stage: "analysis", status: "needs-input", version: 1, questionsOpen: false },
      roles: ["analyst"],
      comments: ["ET-001 stays in analysis: Missing or empty: 05-test-plan.md."],
      messages: [TAKEN_ON, "stays in analysis: Missing or empty: 05-test-plan.md."],
      state: "In Progress",
    },
  },
  {
    row: "analyst finished with neither (the questions of the run before don't count)",
    given: { agents: { analyst: inTurn(asking, leavingNothing) }, before: fileAndRest },
    when: says(STRANGER, "Port 3000, please."),
    follows: {
      item: { stage: "analysis", status: "needs-input", version: 2, questionsOpen: false },
      roles: ["analyst"],
      moves: ["analysis → analysis"],
      answer: { signs: ["+1"], words: "mallory … answered the questions." },
      comments: ["ET-001 stays in analysis: Missing or empty: 02-brd.md"],
      messages: ["analysis → analysis.", "stays in analysis: Missing or empty: 02-brd.md"],
      state: "In Progress",
    },
  },
];

const HEARD = "alice … heard; the gate of analysis looks.";
const ADVANCED = { signs: ["eyes", "+1"], words: HEARD } as const;
const REFUSED = { signs: ["eyes", "-1"], words: HEARD } as const;

const approvals: readonly Row[] = [
  ...[":approved:", "/approve", "/approve <sha>"].map(
    (text): Row => ({
      row: `approver comments \`${text}\` in analysis: advances, recorded with who and which commit`,
      given: { agents: { architect: untilStopped }, before: fileAndRest },
      when: async (watched) => {
        const { head } = await watched.item();
        await watched.says(APPROVER, text.replace("<sha>", head?.slice(0, 10) ?? ""));
      },
      follows: {
        item: { stage: "architecture", status: "running", version: 2 },
        working: true,
        roles: ["architect"],
        moves: ["analysis → architecture"],
        verdicts: [{ gate: "analysis-approved", passed: true }],
        answer: ADVANCED,
        messages: ["ET-001 Count the telemetry: analysis → architecture. alice … approved"],
        state: "In Review",
        also: async (watched, { head }) => {
          expect(await approvalsOf(watched)).toMatchObject([
            { reason: expect.stringMatching(/^\/approve by alice/), commit: head },
          ]);
        },
      },
    }),
  ),
  {
    row: "approver comments `:approved:`: else refused, naming what is missing",
    given: { agents: { analyst: withoutPlan }, before: fileAndRest },
    when: says(APPROVER, ":approved:"),
    follows: {
      item: { stage: "analysis", status: "needs-input", version: 1 },
      verdicts: [{ gate: "analysis-approved", passed: false }],
      answer: REFUSED,
      comments: ["ET-001 stays in analysis: Missing or empty: 05-test-plan.md."],
      messages: ["stays in analysis: Missing or empty: 05-test-plan.md."],
      state: "In Progress",
    },
  },
  {
    row: "approver comments `:approved:`: it binds to the commit named in the request, refused if the head has moved (I12)",
    given: { before: inOrder(filed, personCommits) },
    when: says(APPROVER, ":approved:"),
    follows: {
      item: { ...AWAITING, version: 1 },
      verdicts: [{ gate: "analysis-approved", passed: false }],
      answer: REFUSED,
      comments: [
        "The analysis of ET-001 is ready at commit HEAD. alice … approved … but the branch is at … an approval of that is awaited.",
      ],
      messages: [ASKED],
      state: "In Review",
      also: async (_, item) => {
        expect(item.approvalRequested).toBe(item.head);
        expect(item.approval?.commit).not.toBe(item.head);
      },
    },
  },
  {
    row: "approver comments `:approved:` of the commit named in the request that was made anew",
    given: {
      agents: { architect: untilStopped },
      before: inOrder(filed, personCommits, says(APPROVER, ":approved:")),
    },
    when: says(APPROVER, ":approved:"),
    follows: {
      item: { stage: "architecture", version: 2 },
      working: true,
      roles: ["architect"],
      moves: ["analysis → architecture"],
      answer: ADVANCED,
      messages: ["analysis → architecture. alice … approved"],
      state: "In Review",
    },
  },
  {
    row: "approver comments `/approve <sha>` (or the sha given): refused if that isn't the head",
    given: { before: fileAndRest },
    when: says(APPROVER, `/approve ${"ab".repeat(20)}`),
    follows: {
      item: { ...AWAITING, version: 1 },
      verdicts: [{ gate: "analysis-approved", passed: false }],
      answer: REFUSED,
      comments: [
        `The analysis of ET-001 is ready at commit HEAD. alice … approved ababababab, but`,
      ],
      messages: [ASKED],
      state: "In Review",
    },
  },
  {
    row: "approver comments `:approved:`: a new analyst run voids it, of the very same commit too (I12)",
    given: {
      agents: { architect: untilStopped },
      before: async (watched) => {
        await inOrder(filed)(watched);
        await watched.says(APPROVER, ":approved:");
        await watched.fleet.untilStarted(2);
        await watched.rest("an agent works");
      },
    },
    when: says(APPROVER, "/rollback"),
    follows: {
      item: { ...AWAITING, version: 3, approval: null },
      roles: ["analyst"],
      moves: ["architecture → analysis"],
      verdicts: [{ gate: "analysis-approved", passed: false }],
      answer: { signs: ["+1"], words: "^alice … took it back" },
      comments: ["ET-001 goes back to analysis.", READY],
      messages: ["architecture → analysis.", ASKED],
      state: "In Review",
    },
  },
  {
    row: "a stranger comments `:approved:`: refused politely",
    given: { before: fileAndRest },
    when: says(STRANGER, ":approved:"),
    follows: {
      item: { ...AWAITING, version: 1, approval: null },
      verdicts: [],
      answer: { signs: ["-1"] },
      comments: ["only an approver can command ET-001"],
      state: "In Review",
    },
  },
  {
    row: "`/reject <reason>`: reruns the stage's agent with the reason",
    given: { agents: { analyst: inTurn(GOOD.analyst, untilStopped) }, before: fileAndRest },
    when: says(APPROVER, "/reject Name the port."),
    follows: {
      item: { stage: "analysis", status: "running", version: 2, approvalRequested: null },
      working: true,
      roles: ["analyst"],
      moves: ["analysis → analysis"],
      answer: { signs: ["+1"], words: "alice … rejected the result." },
      messages: ["analysis → analysis. alice … rejected the result."],
      state: "In Progress",
      prompt: ["a person rejected the result", "Name the port."],
    },
  },
];

describe.each(PLACES)("the analysis, in %s:", (place) => {
  it.each(named(finished))("%s", (_, row) => play(row, place));
  it.each(named(approvals))("%s", (_, row) => play(row, place));
});
