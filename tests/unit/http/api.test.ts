import { afterEach, describe, expect, it } from "vitest";
import {
  type KeptItem,
  memoryWorkItems,
  sampleEntry,
  sampleItem,
  sampleKey,
  sampleRun,
} from "../../support/memory-work-items.js";
import { basic, type OperatorApp, operatorApp, VIEWER } from "../../support/operator-app.js";

/** What the routes answer, as far as tests look into it; `toEqual` checks the rest. */
interface Body {
  detail: string;
  items: { id: string }[];
  next: string | null;
  history: unknown[];
  runs: unknown[];
  summary: string;
  chain: { item: string }[];
  release: string[];
}

let app: OperatorApp;
afterEach(() => app.close());

async function get(path: string, kept: readonly KeptItem[] = []) {
  app = await operatorApp({ items: memoryWorkItems(kept) });
  return again(path);
}
async function again(path: string) {
  const response = await app.fetch(path, { headers: basic(VIEWER) });
  return { status: response.status, body: (await response.json()) as Body };
}

const metadata = {
  estimatedContext: 46_800,
  difficulty: "hard",
  assignedAgent: "haiku",
  blocks: [163],
  blockedBy: [160, "acme/pad#4"],
} as const;

describe("the list of items", () => {
  it("shows each with all its fields", async () => {
    const item = sampleItem(2, { status: "waiting", metadata });
    const { status, body } = await get("/api/items", [{ item, waitingOn: [sampleKey(160)] }]);
    expect(status).toBe(200);
    expect(body).toEqual({
      items: [
        {
          id: "ET-002",
          project: "rocket",
          repo: "acme/rocket",
          issue_number: 2,
          plane_id: null,
          title: "Task 2",
          branch: "feature/ET-002-task-2",
          pipeline: "full",
          stage: "development",
          status: "waiting",
          reason: "the developer is at work",
          version: 3,
          metadata: {
            estimated_context: 46_800,
            difficulty: "hard",
            assigned_agent: "haiku",
            blocks: [163],
            blocked_by: [160, "acme/pad#4"],
          },
          waiting_on: ["gitea:acme/rocket#160"],
          developer_runs: 1,
          usage: { input_tokens: 1200, output_tokens: 340 },
          cost_usd: 0.0087,
          created_at: "2026-03-01T09:00:00.000Z",
          updated_at: "2026-03-01T09:30:00.000Z",
        },
      ],
      next: null,
    });
  });

  it("shows a Plane item by its id, with its project's repository", async () => {
    const issue = { tracker: "plane", workspace: "acme", project: "p", id: "9c1f" } as const;
    const { body } = await get("/api/items", [{ item: sampleItem(1, { issue }) }]);
    expect(body.items[0]).toMatchObject({
      plane_id: "9c1f",
      issue_number: null,
      repo: "acme/rocket",
    });
  });

  it("is walked page by page, newest first", async () => {
    const kept = [1, 2, 3, 4, 5].map((number) => ({ item: sampleItem(number) }));
    const first = await get("/api/items?limit=2", kept);
    const ids: string[] = [];
    let page = first.body;
    while (page.items.length > 0) {
      ids.push(...page.items.map((item) => item.id));
      if (page.next === null) break;
      page = (await again(`/api/items?limit=2&cursor=${page.next}`)).body;
    }
    expect(ids).toEqual(["ET-005", "ET-004", "ET-003", "ET-002", "ET-001"]);
  });

  it.each(["0", "-1", "1001", "99999", "x", "1.5", "1e2", "", "5&limit=6"])(
    "refuses limit=%s",
    async (limit) => {
      const { status, body } = await get(`/api/items?limit=${limit}`);
      expect(status).toBe(400);
      expect(body.detail).toContain("limit");
    },
  );

  it.each(["x", "", "2", "%00", "djE6Mg==", "djE6Mg&cursor=djE6Mg"])(
    "refuses cursor=%s",
    async (cursor) => {
      const { status, body } = await get(`/api/items?cursor=${cursor}`);
      expect(status).toBe(400);
      expect(body.detail).toContain("cursor");
    },
  );
});

describe("one item", () => {
  it("adds history and runs", async () => {
    const entry = sampleEntry({ kind: "verdict", gate: "tests-local", passed: true });
    const run = sampleRun("ET-001", { usage: { inputTokens: 5, outputTokens: 7 }, costUsd: 0.2 });
    const { body } = await get("/api/items/ET-001", [
      { item: sampleItem(1), history: [entry], runs: [run] },
    ]);
    expect(body).toMatchObject({ id: "ET-001", waiting_on: [] });
    expect(body.history).toEqual([
      {
        at: "2026-03-01T09:14:13.000Z",
        kind: "verdict",
        from: "development",
        to: "review",
        cause: "run ET-001-v3-a1",
        gate: "tests-local",
        passed: true,
        reason: "tests passed",
        evidence: "",
        commit: "b".repeat(40),
      },
    ]);
    expect(body.runs).toEqual([
      {
        id: "ET-001-v3-a1",
        stage: "development",
        role: "developer",
        attempt: 1,
        ending: "succeeded",
        model: "claude-sonnet",
        started_at: "2026-03-01T09:10:00.000Z",
        finished_at: "2026-03-01T09:14:12.000Z",
        usage: { input_tokens: 5, output_tokens: 7 },
        cost_usd: 0.2,
        commit_before: "a".repeat(40),
        commit_after: "b".repeat(40),
      },
    ]);
  });

  it("says why it isn't moving", async () => {
    const { status, body } = await get("/api/items/ET-002/why", [
      { item: sampleItem(1, { status: "failed", reason: "exit code 1" }) },
      { item: sampleItem(2, { status: "waiting" }), waitingOn: [sampleKey(1)] },
    ]);
    expect(status).toBe(200);
    expect(body.summary).toBe(
      "ET-002 waits for ET-001, which has failed in development: exit code 1.",
    );
    expect(body.chain.map((link) => link.item)).toEqual(["ET-002", "ET-001"]);
    expect(body.release[0]).toContain("/retry");
  });

  it.each(["/api/items/ET-404", "/api/items/ET-404/why", "/api/items/%2e%2e", "/api/nothing"])(
    "that isn't there is a 404 with a detail: %s",
    async (path) => {
      const { status, body } = await get(path);
      expect(status).toBe(404);
      expect(body).toEqual({ detail: expect.any(String) });
    },
  );
});
