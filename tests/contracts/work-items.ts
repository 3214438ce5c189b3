import { describe, expect, it } from "vitest";
import type { WorkItem } from "../../src/domain/work-item.js";
import { sampleItem, sampleKey } from "../support/memory-work-items.js";
import { AT_MS, made, type OpenWorkItems, step } from "./made-items.js";
import { foundWorkItemsContract } from "./work-items-found.js";

/** `open` gives a store nobody has used. */
export function workItemsContract(name: string, open: () => Promise<OpenWorkItems>): void {
  foundWorkItemsContract(name, open);
  describe(`${name} work items`, () => {
    describe("ids", () => {
      it("are counted per prefix and stay an issue's own until it is released (I13)", async () => {
        const { items } = await open();
        expect(await items.reserve(sampleKey(161), "ET")).toBe("ET-001");
        expect(await items.reserve(sampleKey(162), "ET")).toBe("ET-002");
        expect(await items.reserve(sampleKey(7), "MO")).toBe("MO-001");
        expect(await items.reserve(sampleKey(161), "ET")).toBe("ET-001");
        await items.release(sampleKey(161));
        expect(await items.ofIssue(sampleKey(161))).toBeNull();
        expect(await items.reserve(sampleKey(161), "ET")).toBe("ET-003");
      });

      it("are the same for fifty who reserve at once (I13)", async () => {
        const { items } = await open();
        const ids = await Promise.all(
          Array.from({ length: 50 }, () => items.reserve(sampleKey(161), "ET")),
        );
        expect(new Set(ids)).toEqual(new Set(["ET-001"]));
        expect(await items.reserve(sampleKey(162), "ET")).toBe("ET-002");
      });

      it("are different for fifty issues at once (I13)", async () => {
        const { items } = await open();
        const ids = await Promise.all(
          Array.from({ length: 50 }, (_, index) => items.reserve(sampleKey(index), "ET")),
        );
        expect(new Set(ids).size).toBe(50);
      });
    });

    describe("a new item", () => {
      it("is stored whole", async () => {
        const { items } = await open();
        const start = step(sampleItem(1), "start");
        expect(await items.create(start, "# Task\n\nText ü\n")).toBe(true);
        expect(await items.find("ET-001")).toEqual(start.item);
        expect(await items.history("ET-001")).toEqual(start.history);
        expect(await items.owed("ET-001")).toEqual(start.effects);
        expect(await items.task("ET-001")).toBe("# Task\n\nText ü\n");
      });

      it("is created once; a second time changes nothing (I1)", async () => {
        const { items } = await open();
        const first = step(sampleItem(1), "first", { title: "First" });
        expect(await items.create(first, "first")).toBe(true);
        expect(await items.create(step(sampleItem(1), "second"), "second")).toBe(false);
        expect(await items.find("ET-001")).toEqual(first.item);
        expect(await items.history("ET-001")).toEqual(first.history);
        expect(await items.owed("ET-001")).toEqual(first.effects);
        expect(await items.task("ET-001")).toBe("first");
      });

      it("is created by one of fifty at once (I1)", async () => {
        const { items } = await open();
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, index) =>
            items.create(step(sampleItem(1), `start-${index}`), `task ${index}`),
          ),
        );
        expect(answers.filter(Boolean)).toHaveLength(1);
        expect(await items.history("ET-001")).toHaveLength(1);
        expect(await items.owed("ET-001")).toHaveLength(1);
      });

      it("that nobody made isn't found anywhere", async () => {
        const { items } = await open();
        expect(await items.find("ET-404")).toBeNull();
        expect(await items.history("ET-404")).toEqual([]);
        expect(await items.runs("ET-404")).toEqual([]);
        expect(await items.owed("ET-404")).toEqual([]);
        expect(await items.waitingOn("ET-404")).toEqual([]);
        expect(await items.task("ET-404")).toBe("");
        expect(await items.ofIssue(sampleKey(404))).toBeNull();
        expect(await items.ofBranch("rocket", "feature/none")).toBeNull();
        expect(await items.ofCommit("0".repeat(40))).toBeNull();
        expect(await items.transition("ET-404", (item) => step(item, "x"))).toBeNull();
        expect(await items.list({ limit: 10, cursor: null })).toEqual({ items: [], next: null });
      });
    });

    describe("a transition", () => {
      it("writes document, history and what is owed together, in order (I1)", async () => {
        const { items } = await open();
        const id = await made(items);
        const written = await items.transition(id, (item) => step(item, "a", { title: "A" }));
        await items.transition(id, (item) => step(item, "b", { title: "B" }));
        expect(written?.item.title).toBe("A");
        expect((await items.find(id))?.title).toBe("B");
        const reasons = (await items.history(id)).map(({ reason }) => reason);
        expect(reasons).toEqual(["start-1", "a", "b"]);
        const ids = (await items.owed(id)).map((effect) => effect.id);
        expect(ids.map((owed) => owed.split("-")[3])).toEqual(["start", "a", "b"]);
      });

      it("goes on from the item that was found, without reading it again", async () => {
        const { items } = await open();
        const id = await made(items);
        const found = await items.find(id);
        const given: (WorkItem | null)[] = [];
        const change = (item: WorkItem) => {
          given.push(item);
          return step(item, "a", { title: "A" });
        };
        expect((await items.transition(id, change, found ?? undefined))?.item.title).toBe("A");
        expect(given).toHaveLength(1);
        expect(given[0]).toBe(found);
        expect((await items.find(id))?.title).toBe("A");
      });

      it("reads an item that was found before others wrote, and loses nothing of theirs (I1)", async () => {
        const { items } = await open();
        const id = await made(items);
        const found = (await items.find(id)) ?? undefined;
        await items.transition(id, (item) => step(item, "theirs", { title: "Theirs" }));
        const both = (item: WorkItem) => step(item, "ours", { head: item.title });
        expect((await items.transition(id, both, found))?.item.head).toBe("Theirs");
        const ifTheirs = (item: WorkItem) =>
          item.title === "Theirs" ? step(item, "after", { title: "After" }) : null;
        expect((await items.transition(id, ifTheirs, found))?.item.title).toBe("After");
        expect(await items.transition(id, ifTheirs, found)).toBeNull();
        const reasons = (await items.history(id)).map(({ reason }) => reason);
        expect(reasons).toEqual(["start-1", "theirs", "ours", "after"]);
      });

      it("believes no item that wasn't found as it is", async () => {
        const { items } = await open();
        const id = await made(items);
        const found = await items.find(id);
        const altered = found === null ? undefined : { ...found, title: "Altered" };
        const shout = (item: WorkItem) => step(item, "a", { title: item.title.toUpperCase() });
        const written = await items.transition(id, shout, altered);
        expect(written?.item.title).toBe(found?.title.toUpperCase());
      });

      it("is applied once for each of fifty at once, and none is lost (I1)", async () => {
        const { items } = await open();
        const id = await made(items, 1, { developerRuns: 0 });
        const writers = Array.from({ length: 50 }, (_, index) => `w${index}`);
        const written = await Promise.all(
          writers.map((writer) =>
            items.transition(id, (item) =>
              step(item, writer, {
                developerRuns: item.developerRuns + 1,
                heard: [...item.heard, writer],
              }),
            ),
          ),
        );
        expect(written.every((transition) => transition !== null)).toBe(true);
        const item = await items.find(id);
        expect(item?.developerRuns).toBe(50);
        const history = (await items.history(id)).slice(1).map(({ reason }) => reason);
        expect(history).toEqual(item?.heard);
        expect([...history].sort()).toEqual([...writers].sort());
        const owed = (await items.owed(id)).slice(1).map((effect) => effect.id.split("-")[3]);
        expect(owed).toEqual(history);
      });

      it("is made by one of fifty who want to make the same (I1, I2)", async () => {
        const { items } = await open();
        const id = await made(items);
        const written = await Promise.all(
          Array.from({ length: 50 }, () =>
            items.transition(id, (item) =>
              item.version === 3 ? step(item, "move", { version: 4, stage: "review" }) : null,
            ),
          ),
        );
        expect(written.filter((transition) => transition !== null)).toHaveLength(1);
        expect(await items.history(id)).toHaveLength(2);
        expect(await items.owed(id)).toHaveLength(2);
      });

      it("that declines writes nothing (I1)", async () => {
        const { items } = await open();
        const id = await made(items);
        const [item, history, owed] = [
          await items.find(id),
          await items.history(id),
          await items.owed(id),
        ];
        expect(await items.transition(id, () => null)).toBeNull();
        expect(await items.find(id)).toEqual(item);
        expect(await items.history(id)).toEqual(history);
        expect(await items.owed(id)).toEqual(owed);
      });

      it("that throws writes nothing and lets the fault through (I1)", async () => {
        const { items } = await open();
        const id = await made(items);
        const fault = new Error("a rule broke");
        const broken = items.transition(id, () => {
          throw fault;
        });
        await expect(broken).rejects.toBe(fault);
        expect(await items.history(id)).toHaveLength(1);
      });

      it("keeps the task, which is brought up to date by itself", async () => {
        const { items } = await open();
        const id = await made(items);
        await items.transition(id, (item) => step(item, "a"));
        expect(await items.task(id)).toBe("# Task 1");
        await items.updateTask(id, "# Edited");
        expect(await items.task(id)).toBe("# Edited");
      });
    });

    describe("the outbox (I4)", () => {
      it("has an item while something is owed; striking the last off takes it out", async () => {
        const { items } = await open();
        const id = await made(items);
        await items.transition(id, (item) => step(item, "a"));
        const [first, last] = await items.owed(id);
        if (first === undefined || last === undefined) throw new Error("two effects were owed");
        expect(await items.strikeOff(id, first)).toBe(1);
        expect(await items.owed(id)).toEqual([last]);
        expect(await items.inOutbox(AT_MS, 10)).toEqual([id]);
        expect(await items.strikeOff(id, last)).toBe(0);
        expect(await items.owed(id)).toEqual([]);
        expect(await items.inOutbox(AT_MS, 10)).toEqual([]);
      });

      it("lets an effect be struck off twice without harm to the others", async () => {
        const { items } = await open();
        const id = await made(items);
        await items.transition(id, (item) => step(item, "a"));
        const [first] = await items.owed(id);
        if (first === undefined) throw new Error("an effect was owed");
        await Promise.all([items.strikeOff(id, first), items.strikeOff(id, first)]);
        expect(await items.owed(id)).toHaveLength(1);
        expect(await items.inOutbox(AT_MS, 10)).toEqual([id]);
      });

      it("has no item whose transitions owe nothing", async () => {
        const { items } = await open();
        await items.create({ ...step(sampleItem(1), "start"), effects: [] }, "");
        expect(await items.inOutbox(AT_MS, 10)).toEqual([]);
      });

      it("tells who has been owed something since before a time, oldest first, up to a limit", async () => {
        const { items } = await open();
        const second = (n: number) => new Date(AT_MS + n * 1_000).toISOString();
        await items.create(step(sampleItem(2), "start", {}, second(2)), "");
        await items.create(step(sampleItem(1), "start", {}, second(1)), "");
        await items.create(step(sampleItem(3), "start", {}, second(3)), "");
        expect(await items.inOutbox(AT_MS, 10)).toEqual([]);
        expect(await items.inOutbox(AT_MS + 2_000, 10)).toEqual(["ET-001", "ET-002"]);
        expect(await items.inOutbox(AT_MS + 9_000, 2)).toEqual(["ET-001", "ET-002"]);
      });

      it("counts from the first effect owed, however much came later", async () => {
        const { items } = await open();
        const id = await made(items);
        const later = new Date(AT_MS + 60_000).toISOString();
        await items.transition(id, (item) => step(item, "a", {}, later));
        expect(await items.inOutbox(AT_MS, 10)).toEqual([id]);
      });
    });
  });
}
