import { settled } from "./answers.js";
import { type Decision, decide } from "./decision.js";
import type { EffectKind } from "./effect.js";
import type { WorkStage } from "./stage.js";
import {
  type Cause,
  entering,
  historyEntry,
  noted,
  type Rules,
  type Transition,
} from "./transition.js";
import { shortSha, type Verdict } from "./verdict.js";
import type { RunCause, WorkItem } from "./work-item.js";

/**
 * Consumes a recorded verdict and moves the item as the table of stages says. Null when there is no
 * such verdict of this version (any more): somebody else consumed it, or nobody recorded it (I2).
 */
export function applyVerdict(
  item: WorkItem,
  evaluation: string,
  rules: Rules,
  cause: Cause,
): Transition | null {
  const recorded = item.verdicts[evaluation];
  if (recorded === undefined || recorded.version !== item.version) return null;
  const decision = decide({
    item,
    pipeline: rules.pipeline,
    trigger: recorded.trigger,
    verdict: recorded.verdict,
    developerRunCap: rules.developerRunCap,
  });
  const { [evaluation]: _consumed, ...verdicts } = item.verdicts;
  const consumed = [...item.consumed, evaluation];
  // A person who asks is answered, also with what was told before.
  const reported = recorded.trigger === "person" ? null : item.reported;
  const { [evaluation]: asker, ...askers } = item.askers ?? {};
  const now = { ...item, verdicts, consumed, reported, askers };
  const done = carryOut(now, decision, recorded.verdict, rules, cause);
  if (asker === undefined || decision.kind === "wait") return done;
  const moved = done.item.version > item.version;
  return settled(done, asker, cause, moved ? "seen" : "refused");
}

function carryOut(
  item: WorkItem,
  decision: Decision,
  verdict: Verdict,
  rules: Rules,
  cause: Cause,
): Transition {
  switch (decision.kind) {
    case "advance":
      return advance(item, decision.to, verdict, rules, cause);
    case "ask-approval":
      return askApproval(item, verdict, cause);
    case "ask-questions":
      return askQuestions(item, decision.questions, cause);
    case "rerun":
      return rerun(item, decision.to, decision.cause, rules, cause);
    case "capped":
      return capped(item, failureOf(verdict), decision.cause, rules, cause);
    case "wait":
      return wait(item, verdict, cause);
    case "report":
      return report(item, verdict, cause);
  }
}

function advance(
  item: WorkItem,
  to: WorkItem["stage"],
  verdict: Verdict,
  rules: Rules,
  cause: Cause,
): Transition {
  const runCause: RunCause = {
    kind: "entered",
    reason: `The ${item.stage} stage passed: ${verdict.reason}`,
    artifact: null,
    detail: "",
  };
  const done: EffectKind[] =
    to === "done" && rules.atEnd?.merge !== true
      ? [{ kind: "comment", body: `**${item.id} is done.** ${verdict.reason}` }]
      : [];
  return entering(item, to, cause, rules, { reason: verdict.reason, runCause, effects: done });
}

function askApproval(item: WorkItem, verdict: Verdict, cause: Cause): Transition {
  const commit = verdict.commit ?? item.head;
  const reason = `The analysis waits for an approval of commit ${short(commit)}.`;
  return noted(
    item,
    cause,
    { status: "awaiting-approval", reason, approvalRequested: commit },
    [],
    [
      {
        kind: "comment",
        body: [
          `**The analysis of ${item.id} is ready at commit \`${commit}\`.** ${verdict.reason}`,
          "",
          "To let the work go on, an approver comments `:approved:` (or `/approve`); `/reject` with a reason sends it back.",
        ].join("\n"),
      },
      { kind: "tracker-state", state: "In Review" },
      { kind: "status-comment" },
      { kind: "notification", text: `${item.id} ${item.title}: ${reason}` },
    ],
  );
}

function askQuestions(item: WorkItem, questions: string, cause: Cause): Transition {
  const reason = "The analyst has questions; an answer in a comment starts the analysis again.";
  return noted(
    item,
    cause,
    { status: "needs-input", reason, questionsOpen: true },
    [],
    [
      {
        kind: "comment",
        body: `**The analyst of ${item.id} has questions.** Answer in a comment here.\n\n${quoted(questions, 8_000)}`,
      },
      { kind: "tracker-state", state: "Needs Input" },
      { kind: "status-comment" },
      { kind: "notification", text: `${item.id} ${item.title}: ${reason}` },
    ],
  );
}

function rerun(
  item: WorkItem,
  to: WorkStage,
  runCause: RunCause,
  rules: Rules,
  cause: Cause,
): Transition {
  const back = to !== item.stage;
  const told: EffectKind[] = back
    ? [
        {
          kind: "comment",
          body: [
            `**${item.id} goes back to ${to}.** ${runCause.reason}`,
            "",
            quoted(runCause.detail, 500),
          ].join("\n"),
        },
      ]
    : [];
  const state: EffectKind[] = back ? [{ kind: "tracker-state", state: "In Progress" }] : [];
  return entering(item, to, cause, rules, {
    reason: runCause.reason,
    runCause,
    effects: [...told, ...state],
  });
}

/** Moves to development without launching anybody: only an approver's `/retry` goes on from here. */
export function capped(
  item: WorkItem,
  reported: string | null,
  runCause: RunCause,
  rules: Rules,
  cause: Cause,
): Transition {
  const spent = `${item.developerRuns} of ${rules.developerRunCap + item.grantedRuns} developer runs are spent`;
  const reason = `${spent}. ${runCause.reason}`;
  const next: WorkItem = {
    ...item,
    stage: "development",
    version: item.version + 1,
    status: "blocked",
    reason,
    run: null,
    expectsRun: false,
    cause: runCause,
    verdicts: {},
    consumed: [],
    approval: null,
    questionsOpen: false,
    approvalRequested: null,
    stageCommit: item.stage === "development" ? item.stageCommit : item.head,
    reported,
  };
  const state: EffectKind[] =
    item.stage === "testing" ? [{ kind: "tracker-state", state: "Blocked" }] : [];
  return noted(
    next,
    cause,
    {},
    [
      historyEntry(cause, "transition", {
        from: item.stage,
        to: "development",
        reason,
        commit: item.head,
      }),
    ],
    [
      {
        kind: "comment",
        body: `**${item.id} is blocked: ${spent}.** An approver's \`/retry\` grants one more.\n\n${quoted(runCause.detail, 500)}`,
      },
      ...state,
      { kind: "status-comment" },
      { kind: "notification", text: `${item.id} ${item.title} is blocked: ${reason}` },
    ],
  );
}

function wait(item: WorkItem, verdict: Verdict, cause: Cause): Transition {
  const status =
    item.stage === "review"
      ? "awaiting-approval"
      : item.status === "running"
        ? "waiting"
        : item.status;
  const reason = status === "blocked" ? item.reason : verdict.reason;
  return noted(item, cause, { status, reason }, [], [{ kind: "status-comment" }]);
}

/** What makes two failures the same one, so that it is told once. */
function failureOf(verdict: Verdict): string {
  return `${verdict.gate} ${verdict.commit ?? ""} ${verdict.reason}`;
}

/** A person is told once for the same reason on the same commit; a block stays one until a retry. */
function report(item: WorkItem, verdict: Verdict, cause: Cause): Transition {
  const told = failureOf(verdict);
  const stays = item.status === "awaiting-approval" || item.status === "blocked";
  const changes = {
    status: stays ? item.status : "needs-input",
    reason: item.status === "blocked" ? item.reason : verdict.reason,
    reported: told,
  } as const;
  if (item.reported === told) return noted(item, cause, changes, [], []);
  return noted(
    item,
    cause,
    changes,
    [],
    [
      {
        kind: "comment",
        body: `**${item.id} stays in ${item.stage}:** ${verdict.reason}\n\n${quoted(verdict.evidence, 1_000)}`,
      },
      { kind: "status-comment" },
      {
        kind: "notification",
        text: `${item.id} ${item.title} stays in ${item.stage}: ${verdict.reason}`,
      },
    ],
  );
}

function short(commit: string | null): string {
  return commit === null ? "(none)" : shortSha(commit);
}

/** The start of a text as a Markdown quote; at most `limit` characters of it. */
function quoted(text: string, limit: number): string {
  const start = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return start
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
}
