import { describe, expect, it } from "vitest";
import { answered, refused } from "../../../src/domain/answers.js";
import { applyVerdict } from "../../../src/domain/applied-verdict.js";
import {
  approved,
  hearing,
  questionsAnswered,
  rejected,
  retried,
  retriedWithProtected,
} from "../../../src/domain/people.js";
import type { Role, Stage } from "../../../src/domain/stage.js";
import type { WorkItem } from "../../../src/domain/work-item.js";
import { sampleItem, sampleRun } from "../../support/memory-work-items.js";
import {
  ALICE,
  afterRun,
  CAP,
  CAUSE,
  commentOf,
  effectsOf,
  failed,
  HEAD,
  judged,
  kinds,
  OLDER,
  passed,
  pipeline,
  rules,
  statesOf,
} from "./situation.js";

const analysed = (changes: Partial<WorkItem> = {}) =>
  afterRun({
    stage: "analysis",
    status: "awaiting-approval",
    approvalRequested: HEAD,
    developerRuns: 0,
    ...changes,
  });
const FAILED = sampleRun("ET-001", { ending: "failed" });
const failedRun = (changes: Partial<WorkItem> = {}) =>
  sampleItem(1, { status: "failed", reason: "exit code 1", run: FAILED, ...changes });
const blocked = (changes: Partial<WorkItem> = {}) =>
  sampleItem(1, {
    status: "blocked",
    reason: "3 of 3 developer runs are spent.",
    run: null,
    expectsRun: false,
    developerRuns: CAP,
    cause: {
      kind: "rolled-back",
      reason: "No.",
      artifact: "13-test-report.md",
      detail: "2 failing",
    },
    ...changes,
  });

describe("a comment", () => {
  it("stays heard, however many deliveries the item heard of since", () => {
    let item = hearing(sampleItem(1), "812") ?? sampleItem(1);
    for (let count = 0; count < 600; count += 1) {
      const delivery = `d${count.toString(16).padStart(16, "0")}`;
      item = hearing(item, delivery) ?? item;
    }
    expect(item.heard).toHaveLength(500);
    expect(hearing(item, "812")).toBeNull();
    expect(hearing(item, `d${(599).toString(16).padStart(16, "0")}`)).toBeNull();
  });

  it("is heard once, ever (I10)", () => {
    const once = hearing(sampleItem(1), "812");
    expect(once?.heard).toEqual(["812"]);
    expect(once && hearing(once, "812")).toBeNull();
    expect(once && hearing(once, "813")?.heard).toEqual(["812", "813"]);
  });

  it("is remembered for 500 others", () => {
    let item = sampleItem(1);
    for (let id = 1; id <= 600; id += 1) item = hearing(item, String(id)) ?? item;
    expect(item.heard).toHaveLength(500);
    expect(hearing(item, "600")).toBeNull();
  });

  it.each([
    ["answered", answered, "seen"],
    ["refused", refused, "refused"],
  ] as const)("that is only %s changes nothing else", (_, say, reaction) => {
    const item = sampleItem(1);
    const answer = say(item, ALICE, CAUSE, "Hello.");
    expect(answer.item).toEqual({ ...item, updatedAt: CAUSE.at });
    expect(answer.effects).toMatchObject([
      { kind: "reaction", comment: "1", reaction, otherwise: null },
      { kind: "comment", body: "Hello." },
    ]);
  });

  it("is answered where it stands", () => {
    const place = { tracker: "gitea", repo: "acme/rocket", number: 9 } as const;
    const answer = answered(sampleItem(1), { ...ALICE, place }, CAUSE, "Hello.");
    expect(answer.effects).toMatchObject([{ place }, { place }]);
  });
});

describe("an approval in analysis (I12)", () => {
  it("binds to the commit named in the request and asks the gate", () => {
    const given = approved(analysed(), ALICE, null, CAUSE);
    expect(given.item).toMatchObject({
      stage: "analysis",
      version: 3,
      approval: { by: "alice", commit: HEAD, at: CAUSE.at },
    });
    expect(given.effects).toMatchObject([
      { kind: "flow", version: 3, evaluation: "c1", trigger: "person", run: false },
      { kind: "reaction", comment: "1", reaction: "looking" },
    ]);
    expect(given.history).toMatchObject([{ kind: "command", commit: HEAD, from: "analysis" }]);
    expect(given.history[0]?.reason).toContain("alice");
  });

  it("is refused where it was said before the analyst's latest run ended, and no commit is named", () => {
    const run = sampleRun("ET-001", { finishedAt: "2026-03-01T09:14:12.300Z" });
    const early = { ...ALICE, at: "2026-03-01T09:14:12.299Z" };
    const refusal = approved(analysed({ run }), early, null, CAUSE);
    expect(refusal.item).toMatchObject({ approval: null, status: "awaiting-approval" });
    expect(commentOf(refusal)).toContain(`say it again, or \`/approve ${HEAD.slice(0, 10)}\`.`);
    for (const [speaker, sha] of [
      [early, HEAD],
      [{ ...ALICE, at: "2026-03-01T09:14:12Z" }, null],
      [{ ...ALICE, at: "some time" }, null],
      [{ ...ALICE, at: undefined }, null],
    ] as const) {
      const given = approved(analysed({ run }), speaker, sha, CAUSE);
      expect(given.item.approval).toMatchObject({ commit: HEAD });
      // Stored as JSON: what isn't known must not be there, and when it was said has been judged.
      expect(given.item.askers).toStrictEqual({ c1: { comment: "1", name: "alice", version: 3 } });
    }
  });

  it.each([
    ["passes", passed("analysis-approved"), ["seen"]],
    ["is refused", failed("analysis-approved"), ["refused"]],
    ["must be given anew", failed("analysis-approved", { pending: true }), ["refused"]],
  ])("is signed once more when it %s, and only then", (_, verdict, signs) => {
    const asked = approved(analysed(), ALICE, null, CAUSE).item;
    const done = applyVerdict(judged(asked, verdict, "person", "c1"), "c1", rules(), CAUSE);
    const signed = done === null ? [] : effectsOf(done, "reaction");
    expect(signed.map(({ comment, reaction }) => [comment, reaction])).toEqual(
      signs.map((sign) => ["1", sign]),
    );
    expect(done?.item.askers).toEqual({});
  });

  it("isn't signed for a look that somebody else asked for, or whose answer isn't in yet", () => {
    const asked = approved(afterRun({ stage: "review" }), ALICE, null, CAUSE).item;
    const other = judged(asked, failed("review-approved"), "webhook", "d1");
    const late = judged(asked, failed("review-approved", { pending: true }), "person", "c1");
    for (const [item, evaluation] of [
      [other, "d1"],
      [late, "c1"],
    ] as const) {
      const done = applyVerdict(item, evaluation, rules(), CAUSE);
      expect(done && effectsOf(done, "reaction")).toEqual([]);
    }
  });

  it("names the request's commit even where the head has moved, so that the gate refuses it", () => {
    const moved = analysed({ approvalRequested: OLDER, head: HEAD });
    expect(approved(moved, ALICE, null, CAUSE).item.approval?.commit).toBe(OLDER);
  });

  it.each([
    ["an abbreviation of the request's commit", HEAD.slice(0, 7), HEAD],
    ["a commit we don't know", "c".repeat(40), "c".repeat(40)],
  ])("takes %s", (_, sha, commit) => {
    expect(approved(analysed(), ALICE, sha, CAUSE).item.approval?.commit).toBe(commit);
  });

  it("approves nothing where nothing was asked and no commit is named", () => {
    const given = approved(analysed({ approvalRequested: null }), ALICE, null, CAUSE);
    expect(given.item.approval).toBeNull();
    expect(effectsOf(given, "flow")).toHaveLength(1);
  });

  it("is void once the analyst works again", () => {
    const given = approved(analysed(), ALICE, null, CAUSE).item;
    const again = rejected(given, ALICE, "Too vague.", rules(), CAUSE).item;
    expect(again).toMatchObject({ approval: null, approvalRequested: null, stage: "analysis" });
  });
});

describe("an approval elsewhere", () => {
  it.each<[Stage]>([["architecture"], ["development"], ["review"], ["testing"], ["deploy"]])(
    "makes the gate of %s look, and overrides nothing (I2)",
    (stage) => {
      const item = afterRun({ stage, expectsRun: true });
      const given = approved(item, ALICE, HEAD, CAUSE);
      expect(given.item).toMatchObject({ stage, version: 3, approval: null, verdicts: {} });
      expect(effectsOf(given, "flow")).toMatchObject([{ run: false, trigger: "person" }]);
    },
  );

  it.each<[string, WorkItem]>([
    ["while an agent works", sampleItem(1, { run: sampleRun("ET-001", { ending: null }) })],
    ["while it waits for its turn", sampleItem(1, { status: "waiting" })],
    ["of what a failed run left", failedRun()],
    ["of what is done", afterRun({ stage: "done", status: "done" })],
    ["of what was cancelled", afterRun({ status: "cancelled" })],
  ])("%s is answered, not carried out", (_, item) => {
    const given = approved(item, ALICE, null, CAUSE);
    expect(given.item).toEqual({ ...item, updatedAt: CAUSE.at });
    expect(kinds(given)).toEqual(["reaction", "comment"]);
  });
});

describe("a rejection", () => {
  it.each<[Stage, Partial<WorkItem>]>([
    ["analysis", { status: "awaiting-approval" }],
    ["architecture", { status: "needs-input" }],
    ["development", { status: "waiting" }],
    ["review", { status: "awaiting-approval" }],
    ["testing", { status: "needs-input" }],
    ["deploy", { status: "needs-input" }],
  ])("sends the agent of %s to work again, with the reason", (stage, changes) => {
    const again = rejected(afterRun({ stage, ...changes }), ALICE, "Too vague.", rules(), CAUSE);
    expect(again.item).toMatchObject({
      stage,
      version: 4,
      status: "waiting",
      expectsRun: true,
      cause: { kind: "rejected", detail: "Too vague." },
    });
    expect(effectsOf(again, "flow")).toMatchObject([{ run: true, version: 4 }]);
    expect(effectsOf(again, "discard-flow")).toMatchObject([{ version: 3 }]);
    expect(statesOf(again)).toEqual(["In Progress"]);
  });

  it("grants no developer run: past the cap it is refused (I6)", () => {
    const answer = rejected(blocked(), ALICE, "Again.", rules(), CAUSE);
    expect(answer.item).toMatchObject({ version: 3, status: "blocked", grantedRuns: 0 });
    expect(commentOf(answer)).toContain("/retry");
    expect(effectsOf(answer, "reaction")).toMatchObject([{ reaction: "refused" }]);
  });
});

describe("a retry", () => {
  it("goes on from a failure within the cap, granting nothing (I6)", () => {
    const again = retried(failedRun(), ALICE, rules(), CAUSE);
    expect(again.item).toMatchObject({ version: 4, status: "waiting", grantedRuns: 0 });
    expect(again.item.cause).toMatchObject({ kind: "retried" });
    expect(again.item.cause?.reason).toContain("exit code 1");
    expect(effectsOf(again, "flow")).toMatchObject([{ run: true }]);
  });

  it.each<[string, WorkItem]>([
    ["a block", blocked()],
    ["a block that was looked at since", blocked({ status: "needs-input" })],
    ["a last run that failed", failedRun({ developerRuns: CAP })],
    ["spent grants", blocked({ developerRuns: CAP + 1, grantedRuns: 1 })],
  ])("grants one developer run after %s (I6)", (_, item) => {
    const again = retried(item, ALICE, rules(), CAUSE);
    expect(again.item).toMatchObject({
      stage: "development",
      version: 4,
      status: "waiting",
      grantedRuns: item.grantedRuns + 1,
    });
    expect(effectsOf(again, "flow")).toMatchObject([{ run: true }]);
  });

  it("tells the agent again what the block came from", () => {
    expect(retried(blocked(), ALICE, rules(), CAUSE).item.cause).toMatchObject({
      artifact: "13-test-report.md",
      detail: "2 failing",
    });
  });

  it("grants no developer run to another role", () => {
    const item = afterRun({ stage: "testing", status: "needs-input", developerRuns: CAP });
    expect(retried(item, ALICE, rules(), CAUSE).item).toMatchObject({
      stage: "testing",
      version: 4,
      grantedRuns: 0,
    });
  });

  const nobody = (missing: Role) => rules({ hasAgent: (role) => role !== missing });
  it.each<[string, WorkItem, ReturnType<typeof rules>]>([
    ["an agent works", sampleItem(1, { run: sampleRun("ET-001", { ending: null }) }), rules()],
    ["an agent waits for its turn", sampleItem(1, { status: "waiting" }), rules()],
    ["the item is done", afterRun({ stage: "done", status: "done" }), rules()],
    ["the item is cancelled", failedRun({ status: "cancelled" }), rules()],
    ["nobody is configured", afterRun({ stage: "deploy", expectsRun: false }), nobody("deployer")],
    [
      "the pipeline lacks the stage",
      afterRun({ stage: "review" }),
      rules({ pipeline: pipeline("direct") }),
    ],
  ])("is refused with words where %s (I9)", (_, item, given) => {
    const answer = retried(item, ALICE, given, CAUSE);
    expect(answer.item).toEqual({ ...item, updatedAt: CAUSE.at });
    expect(kinds(answer)).toEqual(["reaction", "comment"]);
  });
});

describe("/retry protected", () => {
  const touched = (paths: readonly string[] | undefined, changes: Partial<WorkItem> = {}) =>
    failedRun({ run: { ...FAILED, ...(paths && { protectedPaths: paths }) }, ...changes });

  it("allows the paths the last run failed for, for this version alone", () => {
    const item = touched([".github/ci.yml"], { reason: "the run touched .github/ci.yml" });
    const again = retriedWithProtected(item, ALICE, rules(), CAUSE).item;
    expect(again).toMatchObject({
      status: "waiting",
      version: item.version + 1,
      allowedPaths: [".github/ci.yml"],
      cause: { kind: "retried", reason: expect.stringContaining("allowing these protected paths") },
    });
    expect(
      retried({ ...again, status: "failed" }, ALICE, rules(), CAUSE).item.allowedPaths,
    ).toEqual([]);
  });

  it.each<[string, WorkItem]>([
    ["a failure of another kind", failedRun()],
    ["more paths than were named", touched(undefined)],
    ["a run that succeeded since", afterRun({ stage: "development" })],
    ["an item without a run", blocked()],
  ])("is refused with words after %s", (_, item) => {
    const answer = retriedWithProtected(item, ALICE, rules(), CAUSE);
    expect(answer.item).toEqual({ ...item, updatedAt: CAUSE.at });
    expect(kinds(answer)).toEqual(["reaction", "comment"]);
  });
});

describe("an answer to the analyst", () => {
  it("starts the analysis again with its text", () => {
    const asked = analysed({ status: "needs-input", approvalRequested: null });
    const again = questionsAnswered(asked, ALICE, "Port 3000.", rules(), CAUSE);
    expect(again.item).toMatchObject({
      stage: "analysis",
      version: 4,
      status: "waiting",
      cause: { kind: "answered", detail: "Port 3000." },
    });
    expect(statesOf(again)).toEqual(["In Progress"]);
  });

  it("is refused where it was said before its run ended", () => {
    const asked = analysed({ status: "needs-input", approvalRequested: null });
    const early = { ...ALICE, at: "2026-03-01T09:14:11Z" };
    const refusal = questionsAnswered(asked, early, "A first thought.", rules(), CAUSE);
    expect(refusal.item).toMatchObject({ version: 3, status: "needs-input" });
    expect(commentOf(refusal)).toContain("before ET-001's questions were asked");
  });
});
