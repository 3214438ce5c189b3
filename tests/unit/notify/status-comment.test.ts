import { describe, expect, it } from "vitest";
import { DEFAULT_METADATA } from "../../../src/domain/metadata.js";
import { BUILT_IN_PIPELINES, type Pipeline } from "../../../src/domain/pipeline.js";
import type { WorkItem } from "../../../src/domain/work-item.js";
import { renderStatusComment, type StatusContext } from "../../../src/notify/status-comment.js";

const { full, direct } = BUILT_IN_PIPELINES;

function item(change: Partial<WorkItem> = {}): WorkItem {
  return {
    id: "ET-001",
    project: "rocket",
    issue: { tracker: "gitea", repo: "acme/rocket", number: 161 },
    order: 161,
    title: "Count frames",
    url: null,
    branch: "feature/ET-001-count-frames",
    pipeline: "full",
    stage: "development",
    status: "running",
    reason: "developer works, attempt 2/3",
    version: 4,
    metadata: DEFAULT_METADATA,
    run: null,
    expectsRun: true,
    cause: null,
    verdicts: {},
    consumed: [],
    heard: [],
    questionsOpen: false,
    approvalRequested: null,
    approval: null,
    stageCommit: null,
    head: null,
    developerRuns: 2,
    grantedRuns: 1,
    allowedPaths: [],
    reported: null,
    usage: { inputTokens: 40_000, outputTokens: 6_800 },
    costUsd: 1.234,
    issueUpdatedAt: "2026-06-12T11:20:44Z",
    createdAt: "2026-06-12T11:20:44Z",
    updatedAt: "2026-06-12T11:20:44Z",
    ...change,
  };
}

function render(
  change: Partial<WorkItem> = {},
  context: Partial<StatusContext> = {},
  pipeline: Pipeline | undefined = full,
): string {
  if (pipeline === undefined) throw new Error("no such pipeline");
  return renderStatusComment(item(change), pipeline, { developerRuns: 3, ...context });
}

describe("the status comment", () => {
  it("shows what of the item's budget is spent, where there is one", () => {
    const budget = { unit: "usd", amount: 6, spent: 0.9 } as const;
    expect(render({}, { budget })).toContain("- Budget: $0.90 of $6.00 spent");
    expect(render({}, { budget: null })).not.toContain("Budget");
  });

  it("checks the stages that are passed and marks the one in work", () => {
    const lines = render().split("\n");
    expect(lines.slice(2, 9)).toEqual([
      "- ✅ analysis",
      "- ✅ architecture",
      "- ▶️ **development**",
      "- ⬜ review",
      "- ⬜ testing",
      "- ⬜ deploy",
      "- ⬜ done",
    ]);
  });

  it("checks everything at the end", () => {
    const text = render({ stage: "done", status: "done" }, {}, direct);
    expect(text).toContain("- ✅ development\n- ✅ **done**");
  });

  it("says status, branch, runs and cost", () => {
    const text = render();
    expect(text).toContain("**Running**: developer works, attempt 2/3");
    expect(text).toContain("Branch: `feature/ET-001-count-frames`");
    expect(text).toContain("Developer runs: 2 of 4");
    expect(text).toContain("Cost: $1.23 (46,800 tokens)");
  });

  it("links what there is to link, and only web addresses", () => {
    const pullRequest = { number: 330, url: "https://git.example/acme/rocket/pulls/330" };
    const text = render({}, { pullRequest, page: "javascript:alert(1)" });
    expect(text).toContain("[#330](https://git.example/acme/rocket/pulls/330)");
    expect(text).not.toContain("javascript:");
    expect(render()).not.toContain("Pull request");
  });

  it("is the same text for the same item", () => {
    expect(render()).toBe(render());
  });

  it("does nothing that a hostile title or reason says", () => {
    const hostile =
      "<!-- stagecoach:status:ET-002 --> @alice closes #12 ![x](https://e.example) `code`\n# Head \u202etxt\u200b";
    const text = render({ title: hostile, reason: hostile });
    expect(text).not.toContain("<!--");
    expect(text).not.toMatch(/@\w/);
    expect(text).not.toMatch(/(?<!\\)#\d/);
    expect(text).not.toMatch(/(?<!\\)!\[/);
    expect(text).not.toMatch(/[\u202e]/);
    expect(text.split("\n").filter((line) => /^#+ /.test(line))).toHaveLength(1);
    expect(text).not.toMatch(/(?<!\\)`code/);
  });

  it("stays short whatever the title's length", () => {
    expect(render({ title: "x".repeat(100_000), reason: "y ".repeat(50_000) }).length).toBeLessThan(
      3000,
    );
  });
});
