import { describe, expect, it } from "vitest";
import { planeIssueKey } from "../../src/domain/issue.js";
import type { DependencyGraph, Edge, EdgeSource } from "../../src/engine/graph.js";
import { sampleKey } from "../support/memory-work-items.js";

const sorted = (keys: readonly string[]) => [...keys].sort();
const [A, B, C, D] = [1, 2, 3, 4].map(sampleKey) as [string, string, string, string];

const text = (issue: string): EdgeSource => ({ by: "text", issue });
const tracker = (issue: string): EdgeSource => ({ by: "tracker", issue });
const edge = (dependent: string, blocker: string): Edge => ({ dependent, blocker });

/** The dependent's text names these blockers, and no others. */
function declare(graph: DependencyGraph, dependent: string, blockers: readonly string[]) {
  return graph.state(
    text(dependent),
    blockers.map((blocker) => edge(dependent, blocker)),
  );
}

/** `open` gives a graph nobody has used. */
export function dependencyGraphContract(name: string, open: () => Promise<DependencyGraph>): void {
  describe(`${name} dependency graph (I7)`, () => {
    it("holds an issue up until each of its blockers is met", async () => {
      const graph = await open();
      await declare(graph, C, [A, B]);
      expect(sorted(await graph.unmet(C))).toEqual([A, B]);
      await graph.meet(A);
      expect(await graph.unmet(C)).toEqual([B]);
      await graph.meet(B);
      expect(await graph.unmet(C)).toEqual([]);
    });

    it("knows nothing of an issue nobody spoke of", async () => {
      const graph = await open();
      expect(await graph.unmet(A)).toEqual([]);
      expect(await graph.meet(A)).toEqual([]);
    });

    it("takes an edge stated twice for one", async () => {
      const graph = await open();
      await declare(graph, B, [A]);
      await declare(graph, B, [A, A]);
      expect(await graph.unmet(B)).toEqual([A]);
      expect(await graph.meet(A)).toEqual([B]);
      expect(await graph.unmet(B)).toEqual([]);
    });

    it("takes an edge stated from both ends at once for one", async () => {
      const graph = await open();
      const fromDependent = declare(graph, C, [A, B]);
      const fromBlocker = graph.state(text(A), [edge(C, A)]);
      await Promise.all([fromDependent, fromBlocker]);
      expect(sorted(await graph.unmet(C))).toEqual([A, B]);
      expect(await graph.meet(A)).toEqual([C]);
    });

    it("adds what another source states to what is known", async () => {
      const graph = await open();
      await declare(graph, C, [A]);
      await graph.state(tracker(C), []);
      await graph.state(tracker(C), [edge(C, B)]);
      expect(sorted(await graph.unmet(C))).toEqual([A, B]);
      expect(await graph.stated(tracker(C))).toEqual([edge(C, B)]);
    });

    it("lets go of an edge that its only source states no more", async () => {
      const graph = await open();
      await declare(graph, C, [A, B]);
      await declare(graph, C, [B, D]);
      expect(sorted(await graph.unmet(C))).toEqual([B, D]);
      expect(await graph.meet(A)).toEqual([]);
      expect(await graph.stated(text(C))).not.toContainEqual(edge(C, A));
    });

    it("keeps an edge until no source states it", async () => {
      const graph = await open();
      await declare(graph, C, [A]);
      await graph.state(text(A), [edge(C, A), edge(D, A)]);
      await graph.state(tracker(C), [edge(C, A)]);
      await declare(graph, C, []);
      await declare(graph, C, []);
      expect(await graph.unmet(C)).toEqual([A]);
      await graph.state(text(A), [edge(D, A)]);
      expect(await graph.unmet(C)).toEqual([A]);
      await graph.state(tracker(C), []);
      expect(await graph.unmet(C)).toEqual([]);
      expect(await graph.meet(A)).toEqual([D]);
    });

    it("tells which edges vanished until that is noted, and none that held nobody up", async () => {
      const graph = await open();
      await graph.meet(B);
      await declare(graph, C, [A, B]);
      await declare(graph, C, []);
      expect(await graph.vanished(text(C))).toEqual([edge(C, A)]);
      await declare(graph, C, []);
      expect(await graph.vanished(text(C))).toEqual([edge(C, A)]);
      await graph.noted(text(C), [edge(C, A)]);
      expect(await graph.vanished(text(C))).toEqual([]);
      await graph.noted(text(C), []);
    });

    it("takes an edge that comes back for one that never vanished", async () => {
      const graph = await open();
      await declare(graph, C, [A]);
      await declare(graph, C, []);
      await declare(graph, C, [A]);
      expect(await graph.unmet(C)).toEqual([A]);
      expect(await graph.vanished(text(C))).toEqual([]);
      expect(await graph.meet(A)).toEqual([C]);
    });

    it("keeps a waived edge away after its text lost it and got it back", async () => {
      const graph = await open();
      await declare(graph, C, [A]);
      await graph.waive(C, A);
      await declare(graph, C, []);
      expect(await graph.vanished(text(C))).toEqual([]);
      await declare(graph, C, [A]);
      expect(await graph.unmet(C)).toEqual([]);
    });

    it("names a blocker's dependents, and again if asked again", async () => {
      const graph = await open();
      await declare(graph, B, [A]);
      await declare(graph, C, [A]);
      await declare(graph, D, [B]);
      expect(sorted(await graph.meet(A))).toEqual([B, C]);
      expect(sorted(await graph.meet(A))).toEqual([B, C]);
      expect(await graph.unmet(D)).toEqual([B]);
    });

    it("counts an edge to a blocker that was met before as met", async () => {
      const graph = await open();
      await graph.meet(A);
      await declare(graph, C, [A, B]);
      expect(await graph.unmet(C)).toEqual([B]);
      expect(await graph.meet(A)).toEqual([C]);
    });

    it("doesn't bring a met edge back when it is stated again", async () => {
      const graph = await open();
      await declare(graph, B, [A]);
      await graph.meet(A);
      await declare(graph, B, [A]);
      expect(await graph.unmet(B)).toEqual([]);
    });

    it("lets go of a waived edge for good, whoever states it again", async () => {
      const graph = await open();
      await declare(graph, C, [A, B]);
      await graph.waive(C, A);
      await graph.waive(C, A);
      expect(await graph.unmet(C)).toEqual([B]);
      expect(await graph.waived(C)).toEqual([A]);
      await declare(graph, C, [A, B]);
      expect(await graph.unmet(C)).toEqual([B]);
      expect(await graph.meet(A)).toEqual([]);
    });

    it("waives one edge and no other", async () => {
      const graph = await open();
      await declare(graph, C, [A]);
      await declare(graph, D, [A]);
      await graph.waive(C, A);
      expect(await graph.unmet(C)).toEqual([]);
      expect(await graph.unmet(D)).toEqual([A]);
      expect(await graph.waived(D)).toEqual([]);
      expect(await graph.meet(A)).toEqual([D]);
    });

    it("joins issues of different repositories and trackers", async () => {
      const graph = await open();
      const plane = planeIssueKey("9c1f", "dae7de73-d31a-440a-8114-1d7b3a5f1274");
      await declare(graph, A, [plane, "gitea:acme/moon#1"]);
      expect(await graph.meet(plane)).toEqual([A]);
      expect(await graph.unmet(A)).toEqual(["gitea:acme/moon#1"]);
    });

    it("tells which edges appeared until they were seen, and none that hold nobody up", async () => {
      const graph = await open();
      await graph.meet(B);
      await declare(graph, C, [A, B]);
      expect(await graph.appeared(text(C))).toEqual([edge(C, A)]);
      await graph.state(tracker(C), [edge(C, A)]);
      expect(await graph.appeared(tracker(C))).toEqual([]);
      await graph.seen(text(C), [edge(C, A)]);
      await declare(graph, C, [A, B]);
      expect(await graph.appeared(text(C))).toEqual([]);
      await declare(graph, C, [A, D]);
      expect(await graph.appeared(text(C))).toEqual([edge(C, D)]);
      await declare(graph, C, [A]);
      expect(await graph.appeared(text(C))).toEqual([]);
    });

    it("knows blockers and dependents, met ones too, and no waived ones", async () => {
      const graph = await open();
      await declare(graph, D, [A, B, C]);
      await graph.meet(A);
      await graph.waive(D, B);
      expect(await graph.blockers(D)).toEqual([A, C]);
      expect(await graph.dependents(A)).toEqual([D]);
      expect(await graph.dependents(B)).toEqual([]);
    });

    it("finds a loop of any length through any of its issues, and none where an edge is met", async () => {
      const graph = await open();
      await declare(graph, A, [B, D]);
      await declare(graph, B, [C]);
      expect(await graph.loops.through(A)).toBeNull();
      await declare(graph, C, [A]);
      expect(await graph.loops.through(A)).toEqual([A, B, C]);
      expect(await graph.loops.through(C)).toEqual([C, A, B]);
      expect(await graph.loops.through(D)).toBeNull();
      expect(sorted(await graph.loops.entangled(B))).toEqual([A, B, C]);
      expect(await graph.loops.stands([A, B, C])).toBe(true);
      await graph.meet(C);
      expect(await graph.loops.through(A)).toBeNull();
      expect(await graph.loops.stands([A, B, C])).toBe(false);
    });

    it("names all who stand on any of several loops", async () => {
      const graph = await open();
      await declare(graph, A, [B, C]);
      await declare(graph, B, [A]);
      await declare(graph, C, [D]);
      await declare(graph, D, [A]);
      expect(sorted(await graph.loops.entangled(B))).toEqual([A, B, C, D]);
      expect((await graph.loops.through(D))?.length).toBe(3);
    });

    it("keeps which loops were told, from whichever issue on they are read", async () => {
      const graph = await open();
      await graph.loops.note([B, C, A]);
      await graph.loops.note([A, B, C]);
      expect(await graph.loops.notedThrough(C)).toEqual([[A, B, C]]);
      await graph.loops.forget([C, A, B]);
      expect(await graph.loops.notedThrough(A)).toEqual([]);
    });

    it("finds no loop behind the end of a chain of thousands, and the loop that closes it", async () => {
      const graph = await open();
      const chain = Array.from({ length: 2_000 }, (_, index) => sampleKey(1_000 + index));
      const links = chain.slice(1).map((blocker, index) => edge(chain[index] ?? "", blocker));
      await graph.state(text(A), links);
      expect(await graph.loops.through(chain[0] ?? "")).toBeNull();
      await graph.state(tracker(A), [edge(chain.at(-1) ?? "", chain[0] ?? "")]);
      expect(await graph.loops.through(chain[700] ?? "")).toHaveLength(chain.length);
    });

    it("has on its agenda what is due, the longest due first, until it is dropped", async () => {
      const { agenda } = await open();
      await agenda.add("late", 300);
      await agenda.add("soon", 100);
      await agenda.add("soon", 900);
      expect(await agenda.due(50, 10)).toEqual([]);
      expect(await agenda.due(300, 10)).toEqual(["soon", "late"]);
      expect(await agenda.due(300, 1)).toEqual(["soon"]);
      await agenda.putOff("soon", 400);
      expect(await agenda.due(300, 10)).toEqual(["late"]);
      expect([await agenda.countLook("late"), await agenda.countLook("late")]).toEqual([1, 2]);
      await agenda.drop("late");
      await agenda.putOff("late", 0);
      expect(await agenda.due(1_000, 10)).toEqual(["soon"]);
      expect(await agenda.countLook("late")).toBe(1);
    });

    it("loses no edge between fifty who declare and one who meets", async () => {
      const graph = await open();
      const dependents = Array.from({ length: 50 }, (_, index) => sampleKey(100 + index));
      const declared = dependents.map((dependent) => declare(graph, dependent, [A, B]));
      await Promise.all([...declared, graph.meet(A)]);
      for (const dependent of dependents) expect(await graph.unmet(dependent)).toEqual([B]);
      expect(sorted(await graph.meet(A))).toEqual(sorted(dependents));
      expect(sorted(await graph.meet(B))).toEqual(sorted(dependents));
    });
  });
}
