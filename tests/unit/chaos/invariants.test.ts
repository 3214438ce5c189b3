import { describe, expect, it } from "vitest";
import { INVARIANTS } from "../../../chaos/invariants/all.js";
import type { HeardEnding, SeenFenceMove, Snapshot } from "../../../chaos/snapshot.js";
import { recoveredText } from "../../../chaos/verdict.js";
import { issueKey } from "../../../src/domain/issue.js";
import type { Pipeline } from "../../../src/domain/pipeline.js";
import type { RunRecord } from "../../../src/domain/run.js";
import type { HistoryEntry, WorkItem } from "../../../src/domain/work-item.js";
import type { ItemRecords } from "../../support/audit.js";
import { sampleEntry, sampleItem, sampleKey, sampleRun } from "../../support/memory-work-items.js";

const PIPELINE: Pipeline = {
  name: "short",
  steps: [{ stage: "development", agent: "developer", gate: "review-approved" }],
};
const TASK = "a".repeat(40);
const COMMIT = "b".repeat(40);
const at = (minute: number) => `2026-03-01T09:${String(minute).padStart(2, "0")}:00.000Z`;

/** Done by one run that began at this minute and took one. */
function doneItem(number: number, minute: number): ItemRecords {
  const item = sampleItem(number, {
    pipeline: "short",
    stage: "done",
    status: "done",
    reason: "All stages passed.",
    version: 2,
    expectsRun: false,
    head: COMMIT,
  });
  const run = sampleRun(item.id, {
    id: `${item.id}-v1-a1`,
    version: 1,
    startedAt: at(minute),
    finishedAt: at(minute + 1),
  });
  const history = [
    sampleEntry({ kind: "started", from: null, to: "development", cause: "assigned" }),
    sampleEntry({ kind: "run", to: "development", cause: run.id }),
    sampleEntry({ kind: "verdict", to: null, gate: "review-approved", passed: true }),
    sampleEntry({ to: "done", cause: `run ${run.id}`, at: at(minute + 1) }),
  ];
  const slot = { holder: null, grant: null, ready: null };
  return { item, history, runs: [run], owed: [], inOutbox: false, slot };
}

/** A comment of the bot on an issue. */
function said(number: number, mark: string, text: string) {
  const body = `<!-- stagecoach:${mark} -->\n${text}`;
  return { id: mark, issue: sampleKey(number), author: "bot", body };
}

/** The second's approver is asked for this commit. */
function asks(commit: string) {
  return said(
    2,
    `effect:asks-${commit}`,
    `**The analysis of ET-002 is ready at commit \`${commit}\`.**`,
  );
}

/** A comment of a person on the second issue. */
function spoken(id: string, author: string, body: string) {
  return { id, issue: sampleKey(2), author, body };
}

/** The commits on an item's branch, which begins with its task: whose work each is. */
function branchOf(...runs: readonly (string | null)[]): Snapshot["commits"][string] {
  return [{ commit: TASK, run: null }, ...runs.map((run) => ({ commit: COMMIT, run }))];
}

const taken = (run: string): SeenFenceMove => ({ run, event: "taken" });
const pushed = (run: string): SeenFenceMove => ({ run, event: "pushed" });

const FIRST = doneItem(1, 10);
const SECOND = doneItem(2, 20);
const SOUND: Snapshot = {
  pipelines: { short: PIPELINE },
  cap: 3,
  limits: { projects: { rocket: 1 }, roles: {} },
  bot: "bot",
  approvers: ["alice"],
  merging: ["rocket"],
  issues: [
    { key: sampleKey(1), ends: ["done"], blockers: [], words: [] },
    { key: sampleKey(2), ends: ["done"], blockers: [sampleKey(1)], words: ["child", "fail"] },
  ],
  deliveries: [
    { fingerprint: "f1", event: "issue_assign", acknowledged: true, job: "completed" },
    { fingerprint: "f2", event: "push", acknowledged: false, job: null },
  ],
  endings: [],
  items: [FIRST, SECOND],
  owners: { [sampleKey(1)]: FIRST.item.id, [sampleKey(2)]: SECOND.item.id },
  pullRequests: [FIRST, SECOND].map(({ item }, index) => ({
    number: index + 3,
    head: item.branch,
    merged: true,
  })),
  merges: [FIRST, SECOND].map(({ item }) => ({ branch: item.branch, commit: COMMIT })),
  comments: [1, 2].flatMap((number) => [
    said(number, `effect:e${number}`, `**ET-00${number} is done.** All stages passed.`),
    said(number, `status:ET-00${number}`, `### ET-00${number}\n\n**Done**: All stages passed.`),
  ]),
  board: {},
  branches: { [FIRST.item.branch]: COMMIT, [SECOND.item.branch]: COMMIT },
  commits: {
    [FIRST.item.branch]: branchOf("ET-001-v1-a1"),
    [SECOND.item.branch]: branchOf("ET-002-v1-a1"),
  },
  fences: {
    "ET-001": [taken("ET-001-v1-a1"), pushed("ET-001-v1-a1")],
    "ET-002": [taken("ET-002-v1-a1"), pushed("ET-002-v1-a1")],
  },
  jobs: [{ queue: "maintenance", id: "repeat:sweep", state: "delayed", reason: "" }],
  held: [],
  strangers: [],
  recovered: {},
};

function second(change: {
  readonly item?: Partial<WorkItem>;
  readonly runs?: readonly RunRecord[];
  readonly history?: readonly HistoryEntry[];
  readonly inOutbox?: boolean;
}): Partial<Snapshot> {
  const { item, ...others } = change;
  return { items: [FIRST, { ...SECOND, ...others, item: { ...SECOND.item, ...item } }] };
}

function move(to: HistoryEntry["to"]): readonly HistoryEntry[] {
  return [...SECOND.history.slice(0, 2), sampleEntry({ to, cause: "somebody" })];
}

const [RUN = sampleRun("ET-002")] = SECOND.runs;
const TOLD_ONCE = "no comment is posted twice, and each end is told (I11)";
const FAILED_RUN: RunRecord = { ...RUN, ending: "failed", reason: "it ended with code 1" };
const failure = (place: string) =>
  said(
    2,
    `effect:ET-002-v1-end-ET-002-v1-a1-${place}`,
    "**The developer of ET-002 failed: it ended with code 1**\n\nThe item stays.",
  );
const FIRST_END = FIRST.runs[0]?.finishedAt ?? "";
const [COMMENT] = SOUND.comments;
const [PULL] = SOUND.pullRequests;
const APPROVED_FIRST =
  "what needs an approval goes on by an approver's comment on that commit, which counts once (I10)";
const MERGED_ONCE =
  "what the fleet is to merge is merged once, at the commit that passed, and nothing else is";
const BY_THEIR_AGENTS = "a run failed only where its agent did";
/** Of the second, whose first run is to leave a process, and whose second one is to fail. */
function failed(attempt: number, reason: string, change: Partial<RunRecord> = {}) {
  const id = `ET-002-v1-a${attempt}`;
  return second({ runs: [{ ...FAILED_RUN, id, attempt, reason, ...change }] });
}

const ENDS_ARE_HEEDED =
  "once an issue's end was heard no run of its item starts, and it isn't done any more (I9)";
/** The end of the second's issue was taken in within the minute before this one. */
function heard(minute: number, change: Partial<HeardEnding> = {}): HeardEnding {
  const heardAt = Date.parse(at(minute));
  const times = { takenAt: heardAt - 60_000, heardAt };
  return { issue: sampleKey(2), ...times, followed: "ET-002 is cancelled", ...change };
}

const FENCE_HOLDS =
  "a branch keeps its runs' work, once and in their order, and nobody pushes after the next took its fence (I5)";
/** The second was taken over, and done by its next attempt. */
const TAKEN_OVER: RunRecord = { ...RUN, ending: "superseded", commitAfter: null };
const SUCCESSOR: RunRecord = { ...RUN, id: "ET-002-v1-a2", attempt: 2 };
function takenOver(
  commits: Snapshot["commits"][string],
  fence: readonly SeenFenceMove[],
): Partial<Snapshot> {
  return {
    ...second({ runs: [TAKEN_OVER, SUCCESSOR] }),
    commits: { ...SOUND.commits, [SECOND.item.branch]: commits },
    fences: { ...SOUND.fences, "ET-002": fence },
  };
}

const OBEYED = sampleEntry({
  kind: "command",
  from: "analysis",
  to: null,
  cause: "comment 7 by alice",
});

const IN_PLANE = { tracker: "plane", workspace: "acme", project: "p", id: "i" } as const;

/** The second went on from its analysis by these entries, and this was said on its issue. */
function analysed(
  entries: readonly HistoryEntry[],
  comments: Snapshot["comments"],
): Partial<Snapshot> {
  const history = [
    sampleEntry({ kind: "started", from: null, to: "analysis" }),
    ...entries,
    sampleEntry({ from: "analysis", to: "done", cause: "evaluation c7" }),
  ];
  const analysis = { stage: "analysis", agent: "analyst", gate: "analysis-approved" } as const;
  const pipelines = { short: { name: "short", steps: [analysis] } };
  return { ...second({ history }), pipelines, comments };
}

/** What is planted, the invariant it breaks, and what the auditor says of it. */
const PLANTED: readonly (readonly [string, string, Partial<Snapshot>, RegExp])[] = [
  [
    "an acknowledged delivery without a job",
    "every acknowledged delivery was taken in",
    { deliveries: [{ fingerprint: "f1", event: "push", acknowledged: true, job: null }] },
    /push f1: its job is nowhere/,
  ],
  [
    "an acknowledged delivery whose job failed",
    "every acknowledged delivery was taken in",
    { deliveries: [{ fingerprint: "f1", event: "push", acknowledged: true, job: "failed" }] },
    /is failed/,
  ],
  [
    "an issue without an item",
    "every issue came to its end",
    { issues: [{ key: sampleKey(9), ends: ["done"], blockers: [], words: [] }] },
    /#9 has no item/,
  ],
  [
    "an item that stands still",
    "every issue came to its end",
    second({ item: { stage: "development", status: "failed" } }),
    /ET-002, is failed in development/,
  ],
  [
    "a second item of an issue",
    "an issue has one work item (I13)",
    { items: [FIRST, SECOND, doneItem(1, 40)] },
    /#1 has several items/,
  ],
  [
    "an item that its issue doesn't name",
    "an issue has one work item (I13)",
    { owners: { [sampleKey(1)]: "ET-001", [sampleKey(2)]: "ET-007" } },
    /ET-002 isn't the one/,
  ],
  [
    "a done item that isn't in done",
    "every item is in a defined state (I2, I9)",
    second({ item: { stage: "development" } }),
    /only done is done/,
  ],
  [
    "a move past a stage",
    "stages were changed along legal edges, each once (I1, I2, I9)",
    second({ history: move("testing") }),
    /ET-002: somebody moved it from development to testing/,
  ],
  [
    "one run that moved its item twice",
    "stages were changed along legal edges, each once (I1, I2, I9)",
    second({ history: [...SECOND.history, sampleEntry({ to: "done", cause: `run ${RUN.id}` })] }),
    /moved it twice/,
  ],
  [
    "an agent that started before its blocker was done",
    "no agent started before its item's blockers were done (I7)",
    second({ runs: [{ ...RUN, startedAt: at(5) }] }),
    /#2 began at .*09:05/,
  ],
  [
    "a run that succeeded twice",
    "an item's stage and attempt have one finished run (I5, I6)",
    second({ runs: [RUN, { ...RUN, id: "ET-002-v1-a2", attempt: 2 }] }),
    /succeeded twice/,
  ],
  [
    "two records of one attempt",
    "an item's stage and attempt have one finished run (I5, I6)",
    second({ runs: [RUN, { ...RUN, ending: "superseded" }] }),
    /v1 attempt 1 ran twice/,
  ],
  [
    "a run that stays open",
    "an item's stage and attempt have one finished run (I5, I6)",
    second({ runs: [RUN, { ...RUN, id: "ET-002-v1-a2", attempt: 2, ending: null }] }),
    /runs stay open: ET-002-v1-a2/,
  ],
  [
    "work that isn't on the remote",
    "a done item's commit is its branch's head on the remote",
    { branches: { [FIRST.item.branch]: COMMIT } },
    /ET-002.*is at undefined/,
  ],
  [
    "a second pull request",
    "a branch has one pull request, and each reviewed item has it",
    { pullRequests: [...SOUND.pullRequests, { number: 9, head: PULL?.head ?? "", merged: false }] },
    /ET-001-task-1 has several/,
  ],
  [
    "a done item without a pull request",
    "a branch has one pull request, and each reviewed item has it",
    { pullRequests: SOUND.pullRequests.slice(0, 1) },
    /ET-002 is done without/,
  ],
  [
    "a comment posted twice",
    TOLD_ONCE,
    { comments: [...SOUND.comments, ...(COMMENT === undefined ? [] : [COMMENT])] },
    /posted twice on .*#1: .*effect:e1/,
  ],
  [
    "an end that nobody was told",
    TOLD_ONCE,
    { comments: SOUND.comments.slice(0, 2) },
    /told that ET-002 is done/,
  ],
  [
    "an end that only who waits for it was told of",
    TOLD_ONCE,
    {
      comments: [
        ...SOUND.comments.slice(0, 2),
        said(2, "effect:e3", "ET-001 goes on; ET-002 waits until it is done."),
      ],
    },
    /told that ET-002 is done/,
  ],
  [
    "an end that was told by two effects",
    TOLD_ONCE,
    { comments: [...SOUND.comments, said(2, "effect:e3", "**ET-002 is done.** Merged.")] },
    /2 comments say that ET-002 is done/,
  ],
  [
    "an end that was told and didn't come",
    TOLD_ONCE,
    second({ item: { status: "cancelled" } }),
    /ET-002 is cancelled, and is said to be done/,
  ],
  [
    "a cancellation that the status comment doesn't show",
    TOLD_ONCE,
    second({ item: { status: "cancelled" } }),
    /status comment of ET-002, which is cancelled, doesn't say so/,
  ],
  [
    "an end that Plane's board doesn't show",
    TOLD_ONCE,
    { ...second({ item: { issue: IN_PLANE } }), board: { [issueKey(IN_PLANE)]: "In Progress" } },
    /ET-002 is done, and the board shows In Progress/,
  ],
  [
    "an end without a status comment",
    TOLD_ONCE,
    { comments: SOUND.comments.slice(0, 3) },
    /status comment of ET-002, which is done, is missing/,
  ],
  [
    "a run that failed, of which nobody was told",
    TOLD_ONCE,
    second({ runs: [FAILED_RUN] }),
    /0 comments say that ET-002-v1-a1 failed/,
  ],
  [
    "a run whose failure was told by two effects",
    TOLD_ONCE,
    {
      ...second({ runs: [FAILED_RUN] }),
      comments: [...SOUND.comments, failure("2-comment"), failure("3-comment")],
    },
    /2 comments say that ET-002-v1-a1 failed/,
  ],
  [
    "an agent that outlived its worker",
    "no process is left of any run, gate or dead worker",
    { strangers: ["4711: sh agent.sh"] },
    /4711/,
  ],
  [
    "a job that failed",
    "no job is stuck, nothing is owed, and rounds go on (I4)",
    { jobs: [{ queue: "runs", id: "ET-002-v1-run", state: "failed", reason: "no disk" }] },
    /runs ET-002-v1-run is failed no disk/,
  ],
  [
    "that no round is to come",
    "no job is stuck, nothing is owed, and rounds go on (I4)",
    { jobs: [{ queue: "maintenance", id: "sweep", state: "failed", reason: "" }] },
    /no sweep is to come/,
  ],
  [
    "an item in the outbox",
    "no job is stuck, nothing is owed, and rounds go on (I4)",
    second({ inOutbox: true }),
    /ET-002 owes something/,
  ],
  [
    "a slot that nobody gave back",
    "no lock, slot or reserved budget is left (I8)",
    { held: ["slots:holders ET-002"] },
    /slots:holders ET-002/,
  ],
  [
    "an item beyond its repository's limit",
    "no more agents work at once than a limit allows (I8)",
    second({ runs: [{ ...RUN, startedAt: at(10), finishedAt: at(12) }] }),
    /project rocket is limited to 1: ET-002, ET-001 at .*09:10/,
  ],
  [
    "an item beyond its role's limit",
    "no more agents work at once than a limit allows (I8)",
    {
      ...second({ runs: [{ ...RUN, startedAt: at(10), finishedAt: at(12) }] }),
      limits: { projects: {}, roles: { developer: 1 } },
    },
    /role developer is limited to 1/,
  ],
  [
    "an analysis that nobody approved",
    APPROVED_FIRST,
    analysed([], []),
    /ET-002: it went on to done with b+, which nobody approved/,
  ],
  [
    "an approval that no comment gave",
    APPROVED_FIRST,
    analysed([OBEYED], [asks(COMMIT), spoken("8", "alice", ":approved:")]),
    /which nobody approved/,
  ],
  [
    "an approval by somebody who may not",
    APPROVED_FIRST,
    analysed([OBEYED], [asks(COMMIT), spoken("7", "bob", ":approved:")]),
    /which nobody approved/,
  ],
  [
    "an approval of another commit",
    APPROVED_FIRST,
    analysed([OBEYED], [spoken("7", "alice", `/approve ${"c".repeat(12)}`)]),
    /which nobody approved/,
  ],
  [
    "an approval that was said when another commit was asked for",
    APPROVED_FIRST,
    analysed([OBEYED], [asks("c".repeat(40)), spoken("7", "alice", ":approved:"), asks(COMMIT)]),
    /which nobody approved/,
  ],
  [
    "an approval of what was analysed before",
    APPROVED_FIRST,
    analysed(
      [OBEYED, sampleEntry({ from: "analysis", to: "analysis" })],
      [asks(COMMIT), spoken("7", "alice", ":approved:")],
    ),
    /which nobody approved/,
  ],
  [
    "a comment that was obeyed twice",
    APPROVED_FIRST,
    analysed([OBEYED, OBEYED], [spoken("7", "alice", ":approved:")]),
    /ET-002: comment 7 by alice was obeyed twice/,
  ],
  [
    "a branch that was merged twice",
    MERGED_ONCE,
    { merges: [...SOUND.merges, ...SOUND.merges.slice(1)] },
    /ET-002\S* was merged several times/,
  ],
  [
    "a merge of a commit that hadn't passed",
    MERGED_ONCE,
    { merges: SOUND.merges.map((merge) => ({ ...merge, commit: "c".repeat(40) })) },
    /ET-002 was merged at c+, which hadn't passed/,
  ],
  [
    "a merge that nobody asked for",
    MERGED_ONCE,
    { merging: [] },
    /ET-002 was merged, and wasn't to be/,
  ],
  [
    "a merge of what is no item's",
    MERGED_ONCE,
    { items: [FIRST] },
    /ET-002\S* was merged, which is no item's/,
  ],
  [
    "a done item that isn't merged",
    MERGED_ONCE,
    { merges: SOUND.merges.slice(0, 1) },
    /ET-002 is done, and b+ isn't merged/,
  ],
  [
    "a done item whose pull request doesn't say that it is merged",
    MERGED_ONCE,
    { pullRequests: SOUND.pullRequests.map((pull) => ({ ...pull, merged: false })) },
    /no pull request of it says/,
  ],
  ...[
    "git add failed: fatal: unable to write loose object file: No space left on device",
    "the git remote can't be reached: no answer in time",
    "killed by SIGKILL",
    "exit code 137",
  ].map(
    (reason) =>
      [
        `a fault around a run that was taken for its agent's: ${reason}`,
        BY_THEIR_AGENTS,
        failed(1, reason),
        /ET-002-v1-a1 was to be child, and failed: /,
      ] as const,
  ),
  [
    "a fault around a run that was to fail",
    BY_THEIR_AGENTS,
    failed(2, "git read-tree failed: it took too long"),
    /ET-002-v1-a2 was to be fail, and failed: git read-tree/,
  ],
  [
    "a failure past the end of what was to be",
    BY_THEIR_AGENTS,
    failed(3, "exit code 1"),
    /ET-002-v1-a3 was to be ok, and failed: exit code 1/,
  ],
  [
    "a run that started after its issue's end was heard",
    ENDS_ARE_HEEDED,
    { endings: [heard(19)] },
    /ET-002-v1-a1 began at .*09:20.*, and the end of .*#2 was heard at .*09:19/,
  ],
  [
    "an item that was done after its issue's end was heard, by a run of before",
    ENDS_ARE_HEEDED,
    { endings: [heard(20)] },
    /ET-002 went to done at .*09:21.*, and the end of .*#2 was heard at .*09:20/,
  ],
  [
    "an end of whose item the fleet knew nothing, though it had run",
    ENDS_ARE_HEEDED,
    {
      ...second({ runs: [RUN, { ...SUCCESSOR, startedAt: at(30) }] }),
      endings: [heard(25, { followed: "the issue had no item" })],
    },
    /ET-002-v1-a2 began/,
  ],
  [
    "an end of which it was said that the issue is open again, in Gitea",
    ENDS_ARE_HEEDED,
    { endings: [heard(19, { followed: "the issue is open again" })] },
    /ET-002-v1-a1 began/,
  ],
  [
    "a push after the next run took the fence",
    FENCE_HOLDS,
    takenOver(branchOf(RUN.id, SUCCESSOR.id), [
      taken(RUN.id),
      taken(SUCCESSOR.id),
      pushed(RUN.id),
      pushed(SUCCESSOR.id),
    ]),
    /ET-002: ET-002-v1-a1 pushed, and the fence was moved last by ET-002-v1-a2/,
  ],
  [
    "a push around the fence",
    FENCE_HOLDS,
    takenOver(branchOf(RUN.id, SUCCESSOR.id), [
      taken(RUN.id),
      taken(SUCCESSOR.id),
      pushed(SUCCESSOR.id),
    ]),
    /the work of ET-002-v1-a1 came onto its branch without the fence/,
  ],
  [
    "work that a later push dropped",
    FENCE_HOLDS,
    takenOver(branchOf(SUCCESSOR.id), [
      taken(RUN.id),
      pushed(RUN.id),
      taken(SUCCESSOR.id),
      pushed(SUCCESSOR.id),
    ]),
    /what ET-002-v1-a1 pushed isn't on its branch any more/,
  ],
  [
    "work of a run after that of its successor",
    FENCE_HOLDS,
    takenOver(branchOf(SUCCESSOR.id, RUN.id), []),
    /the work of ET-002-v1-a1 after that of ET-002-v1-a2/,
  ],
  [
    "work of a run that is there twice",
    FENCE_HOLDS,
    takenOver(branchOf(SUCCESSOR.id, SUCCESSOR.id), []),
    /the work of ET-002-v1-a2 twice/,
  ],
  [
    "work of another item's run",
    FENCE_HOLDS,
    takenOver(branchOf("ET-001-v1-a1", SUCCESSOR.id), []),
    /work of ET-001-v1-a1, which is no run of it/,
  ],
  [
    "a run that succeeded and whose commit isn't on its branch",
    FENCE_HOLDS,
    takenOver(branchOf(), [taken(SUCCESSOR.id)]),
    /ET-002-v1-a2 left b+, which isn't on its branch/,
  ],
  [
    "a round of maintenance that failed, and none that follows",
    "no job is stuck, nothing is owed, and rounds go on (I4)",
    { jobs: [{ queue: "maintenance", id: "repeat:sweep:1", state: "failed", reason: "" }] },
    /no sweep is to come/,
  ],
  [
    "an item of an issue that names none and wasn't withdrawn",
    "an issue has one work item (I13)",
    { owners: { [sampleKey(1)]: "ET-001" } },
    /ET-002 isn't the one/,
  ],
];

/** What looks like a violation of the invariant and is none. */
const SOUND_TOO: readonly (readonly [string, string, Partial<Snapshot>])[] = [
  [
    "an item of a withdrawn issue, which names none any more",
    "an issue has one work item (I13)",
    {
      owners: { [sampleKey(1)]: "ET-001" },
      issues: SOUND.issues.map((issue) => ({ ...issue, ends: ["cancelled", "done"] })),
    },
  ],
  [
    "a run that failed and was told of",
    TOLD_ONCE,
    { ...second({ runs: [FAILED_RUN] }), comments: [...SOUND.comments, failure("2-comment")] },
  ],
  [
    "an end that Plane's board shows, and one that a person has moved since",
    TOLD_ONCE,
    {
      items: [
        { ...FIRST, item: { ...FIRST.item, issue: { ...IN_PLANE, id: "j" } } },
        { ...SECOND, item: { ...SECOND.item, issue: IN_PLANE } },
      ],
      issues: [{ key: issueKey(IN_PLANE), ends: ["cancelled", "done"], blockers: [], words: [] }],
      board: { [issueKey(IN_PLANE)]: "Cancelled", [issueKey({ ...IN_PLANE, id: "j" })]: "Done" },
      comments: SOUND.comments.map((comment) => {
        const id = comment.issue === sampleKey(1) ? "j" : "i";
        return { ...comment, issue: issueKey({ ...IN_PLANE, id }) };
      }),
    },
  ],
  [
    "a cancellation that the status comment shows",
    TOLD_ONCE,
    {
      ...second({ item: { status: "cancelled" } }),
      comments: [
        ...SOUND.comments.slice(0, 2),
        said(2, "status:ET-002", "### ET-002\n\n**Cancelled**: The issue was closed."),
      ],
    },
  ],
  [
    "a round of maintenance that failed and is followed by the next",
    "no job is stuck, nothing is owed, and rounds go on (I4)",
    {
      jobs: [
        { queue: "maintenance", id: "repeat:sweep:1", state: "failed", reason: "Redis is away" },
        ...SOUND.jobs,
      ],
    },
  ],
  [
    "an analysis that an approver agreed to at last",
    APPROVED_FIRST,
    analysed(
      [
        { ...OBEYED, cause: "comment 6 by alice", commit: "c".repeat(40) },
        sampleEntry({ from: "analysis", to: "analysis", cause: "comment 5 by alice" }),
        OBEYED,
      ],
      [
        asks("c".repeat(40)),
        spoken("5", "alice", "/reject Too short."),
        asks(COMMIT),
        spoken("6", "alice", `/approve ${"c".repeat(12)}`),
        spoken("7", "alice", `/approve ${COMMIT.slice(0, 12)}`),
      ],
    ),
  ],
  [
    "an analysis that an approver agreed to as they were asked",
    APPROVED_FIRST,
    analysed([OBEYED], [asks(COMMIT), spoken("7", "alice", ":approved:")]),
  ],
  [
    "an item that was withdrawn while it was merged",
    MERGED_ONCE,
    second({ item: { status: "cancelled" } }),
  ],
  [
    "a run that was to fail, and did",
    BY_THEIR_AGENTS,
    failed(2, "exit code 1: developer of ET-002-v1-a2: fail"),
  ],
  [
    "a run that was to fail, by its version's place",
    BY_THEIR_AGENTS,
    failed(1, "exit code 1", { id: "ET-002-v2-a1", version: 2 }),
  ],
  [
    "a branch that can't be made, since those of its blockers conflict",
    BY_THEIR_AGENTS,
    failed(1, "feature/ET-001-task-1 can't be merged: it conflicts in notes.txt", {
      conflicts: true,
    }),
  ],
  [
    "a sixth start after five whose workers died",
    BY_THEIR_AGENTS,
    failed(6, "5 starts came to no end; look at the worker's host"),
  ],
  ...["notes/ET-002.txt: No space left on device", "echo: echo: I/O error"].map(
    (said) =>
      [
        `an agent that couldn't write, and ended: ${said}`,
        BY_THEIR_AGENTS,
        failed(1, `exit code 2: /work/agent.sh: 40: ${said}`),
      ] as const,
  ),
  [
    "an end that was heard when the item was done",
    ENDS_ARE_HEEDED,
    { endings: [heard(22), heard(5, { issue: sampleKey(9) })] },
  ],
  [
    "an end that was heard before its issue was taken on",
    ENDS_ARE_HEEDED,
    { ...second({ item: { createdAt: at(20) } }), endings: [heard(19)] },
  ],
  [
    "an end that was heard while its item was being made",
    ENDS_ARE_HEEDED,
    {
      endings: ["the issue had no item", "no item is under way"].map((followed) =>
        heard(19, { followed }),
      ),
    },
  ],
  [
    "an end that the fleet's own move on Plane's board undid",
    ENDS_ARE_HEEDED,
    {
      ...second({ item: { issue: IN_PLANE } }),
      endings: [heard(19, { issue: issueKey(IN_PLANE), followed: "the issue is open again" })],
    },
  ],
  [
    "a run that had pushed before it was taken over",
    FENCE_HOLDS,
    takenOver(branchOf(RUN.id, SUCCESSOR.id), [
      taken(RUN.id),
      pushed(RUN.id),
      taken(SUCCESSOR.id),
      pushed(SUCCESSOR.id),
    ]),
  ],
  [
    "a run that took the fence after its successor had pushed, and pushed nothing",
    FENCE_HOLDS,
    takenOver(branchOf(SUCCESSOR.id), [taken(SUCCESSOR.id), pushed(SUCCESSOR.id), taken(RUN.id)]),
  ],
  [
    "a run that changed nothing",
    FENCE_HOLDS,
    {
      ...takenOver(branchOf(), [taken(RUN.id), taken(SUCCESSOR.id)]),
      ...second({ runs: [TAKEN_OVER, { ...SUCCESSOR, commitAfter: TASK }] }),
    },
  ],
  [
    "a run that begins as another one ends",
    "no more agents work at once than a limit allows (I8)",
    second({ runs: [{ ...RUN, startedAt: FIRST_END, finishedAt: at(59) }] }),
  ],
  [
    "a run whose worker stood still until its lease had ended",
    "no more agents work at once than a limit allows (I8)",
    second({ runs: [{ ...RUN, startedAt: at(5), finishedAt: at(15) }] }),
  ],
  [
    "a run that was closed late by who took it over",
    "no more agents work at once than a limit allows (I8)",
    second({
      runs: [RUN, { ...RUN, ending: "superseded", startedAt: at(10), finishedAt: at(11) }],
    }),
  ],
];

describe("the auditor of chaos", () => {
  it.each(INVARIANTS)("finds nothing in a sound fleet: $name", ({ broken }) => {
    expect(broken(SOUND)).toEqual([]);
  });

  it.each(PLANTED)("finds %s: %s", (_what, name, planted, says) => {
    const invariant = INVARIANTS.find((one) => one.name === name);
    expect(invariant?.broken({ ...SOUND, ...planted }).join("\n")).toMatch(says);
  });

  it.each(SOUND_TOO)("doesn't take for a violation %s: %s", (_what, name, sound) => {
    const invariant = INVARIANTS.find((one) => one.name === name);
    expect(invariant?.broken({ ...SOUND, ...sound })).toEqual([]);
  });

  it("has a planted violation of each invariant", () => {
    const planted = new Set(PLANTED.map(([, name]) => name));
    expect(INVARIANTS.map(({ name }) => name).filter((name) => !planted.has(name))).toEqual([]);
  });
});

describe("the verdict of chaos", () => {
  it("says how much the reconciler mended, most first", () => {
    const recovered = { flow: 3, comment: 12 };
    expect(recoveredText({ ...SOUND, recovered })).toBe(
      "Recovered by the reconciler: comment 12, flow 3",
    );
    expect(recoveredText(SOUND)).toBe("Recovered by the reconciler: nothing");
  });
});
