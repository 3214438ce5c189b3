import { describe, expect, it } from "vitest";
import { issueKey } from "../../src/domain/issue.js";
import { sampleItem, sampleKey, sampleRun } from "../support/memory-work-items.js";
import { AT_MS, made, type OpenWorkItems, step } from "./made-items.js";

/** How what was written is found again: by issue, branch and commit, in lists, and runs. */
export function foundWorkItemsContract(name: string, open: () => Promise<OpenWorkItems>): void {
  describe(`${name} work items, read`, () => {
    describe("an item is found", () => {
      it("by its issue, finished or not", async () => {
        const { items } = await open();
        const key = issueKey(sampleItem(1).issue);
        const id = await items.reserve(key, "ET");
        await made(items);
        await items.transition(id, (item) => step(item, "end", { status: "cancelled" }));
        expect(await items.ofIssue(key)).toBe("ET-001");
      });

      it("by its branch, in its own project", async () => {
        const { items } = await open();
        await made(items);
        await made(items, 2, { project: "moon" });
        expect(await items.ofBranch("rocket", sampleItem(1).branch)).toBe("ET-001");
        expect(await items.ofBranch("moon", sampleItem(2).branch)).toBe("ET-002");
        expect(await items.ofBranch("moon", sampleItem(1).branch)).toBeNull();
        expect(await items.ofBranch("rocket", "feature/ET-001-of-a-person")).toBeNull();
      });

      it("by every commit its branch was at", async () => {
        const { items } = await open();
        const id = await made(items);
        expect(await items.ofCommit("a".repeat(40))).toBeNull();
        await items.transition(id, (item) => step(item, "a", { head: "a".repeat(40) }));
        await items.transition(id, (item) => step(item, "b", { head: "b".repeat(40) }));
        expect(await items.ofCommit("a".repeat(40))).toBe(id);
        expect(await items.ofCommit("b".repeat(40))).toBe(id);
      });

      it("with the issues it waits for (I7)", async () => {
        const { items, graph } = await open();
        const id = await made(items);
        const edges = [2, 3].map((number) => ({
          dependent: sampleKey(1),
          blocker: sampleKey(number),
        }));
        await graph.state({ by: "text", issue: sampleKey(1) }, edges);
        expect([...(await items.waitingOn(id))].sort()).toEqual([sampleKey(2), sampleKey(3)]);
        await graph.meet(sampleKey(2));
        expect(await items.waitingOn(id)).toEqual([sampleKey(3)]);
      });
    });

    describe("a list", () => {
      it("pages through all items, newest first, each once", async () => {
        const { items } = await open();
        for (let number = 1; number <= 7; number += 1) {
          const at = new Date(AT_MS + number * 1_000).toISOString();
          await items.create(step(sampleItem(number), "start", {}, at), "");
        }
        const pages: string[][] = [];
        let cursor: string | null = null;
        do {
          const page = await items.list({ limit: 3, cursor });
          pages.push(page.items.map(({ id }) => id));
          cursor = page.next;
        } while (cursor !== null);
        expect(pages).toEqual([
          ["ET-007", "ET-006", "ET-005"],
          ["ET-004", "ET-003", "ET-002"],
          ["ET-001"],
        ]);
      });

      it("goes on where it stopped, whatever came meanwhile", async () => {
        const { items } = await open();
        const create = (number: number, seconds: number) =>
          items.create(
            step(sampleItem(number), "start", {}, new Date(AT_MS + seconds * 1_000).toISOString()),
            "",
          );
        for (const number of [1, 2, 3, 4]) await create(number, number);
        const first = await items.list({ limit: 2, cursor: null });
        expect(first.items.map(({ id }) => id)).toEqual(["ET-004", "ET-003"]);
        await create(5, 5);
        await create(6, 6);
        const second = await items.list({ limit: 2, cursor: first.next });
        expect(second.items.map(({ id }) => id)).toEqual(["ET-002", "ET-001"]);
        expect(second.next).toBeNull();
      });

      it("shows items made in the same millisecond each once, however small the pages", async () => {
        const { items } = await open();
        for (let number = 1; number <= 9; number += 1) await made(items, number);
        const shown: string[] = [];
        let cursor: string | null = null;
        do {
          const page = await items.list({ limit: 2, cursor });
          expect(page.items.length).toBeGreaterThan(0);
          shown.push(...page.items.map(({ id }) => id));
          cursor = page.next;
        } while (cursor !== null);
        expect(shown).toEqual([...shown].sort().reverse());
        expect(new Set(shown).size).toBe(9);
        expect(shown).toHaveLength(9);
      });

      it("has no next page after exactly the last item", async () => {
        const { items } = await open();
        await made(items, 1);
        await made(items, 2);
        expect((await items.list({ limit: 2, cursor: null })).next).toBeNull();
      });

      it("shows items as they are now, in the order they were made", async () => {
        const { items } = await open();
        await made(items, 1);
        const later = new Date(AT_MS + 60_000).toISOString();
        await items.create(step(sampleItem(2), "start", {}, later), "");
        const latest = new Date(AT_MS + 120_000).toISOString();
        await items.transition("ET-001", (item) => step(item, "a", { title: "New" }, latest));
        const page = await items.list({ limit: 10, cursor: null });
        expect(page.items.map(({ id, title }) => [id, title])).toEqual([
          ["ET-002", "Task 2"],
          ["ET-001", "New"],
        ]);
      });
    });

    describe("runs (I5)", () => {
      const started = (number: number) => new Date(AT_MS + number * 60_000).toISOString();

      it("are kept when the item goes on, oldest first", async () => {
        const { items } = await open();
        const id = await made(items);
        for (const attempt of [1, 2, 3]) {
          const run = sampleRun(id, {
            id: `${id}-v3-a${attempt}`,
            attempt,
            startedAt: started(attempt),
          });
          await items.transition(id, (item) => step(item, `run-${attempt}`, { run }));
        }
        await items.transition(id, (item) => step(item, "on", { version: 4, run: null }));
        const kept = (await items.runs(id)).map((run) => run.id);
        expect(kept).toEqual(["ET-001-v3-a1", "ET-001-v3-a2", "ET-001-v3-a3"]);
      });

      it("change with their record, and a transition may close another's", async () => {
        const { items } = await open();
        const id = await made(items);
        const first = sampleRun(id, { ending: null, finishedAt: null, startedAt: started(1) });
        await items.transition(id, (item) => step(item, "start", { run: first }));
        expect(await items.runs(id)).toEqual([first]);
        const lost = { ...first, ending: "superseded", reason: "its worker was lost" } as const;
        const second = { ...first, id: `${id}-v3-a2`, attempt: 2, startedAt: started(2) };
        await items.transition(id, (item) => ({
          ...step(item, "takeover", { run: second }),
          runs: [lost],
        }));
        expect(await items.runs(id)).toEqual([lost, second]);
      });
    });
  });
}
