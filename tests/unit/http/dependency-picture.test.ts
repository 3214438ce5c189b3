import { describe, expect, it } from "vitest";
import { type DependencyPicture, dependencyPicture } from "../../../src/http/dependency-picture.js";
import { createLayOut, NODE, type PictureLayout } from "../../../src/http/picture-layout.js";
import { silentLogger } from "../../../src/telemetry/logger.js";
import { memoryWorkItems, sampleItem, sampleKey } from "../../support/memory-work-items.js";

const NOBODY = memoryWorkItems([]);

async function drawn(picture: DependencyPicture): Promise<PictureLayout> {
  const places = await createLayOut(silentLogger())(picture);
  if (places === null) throw new Error("it can't be drawn");
  return places;
}

/** The item waits for those before it; `text`: what its issue names as blockers. */
function waiting(number: number, on: readonly number[], text = on) {
  const metadata = { ...sampleItem(number).metadata, blockedBy: text };
  return {
    item: sampleItem(number, { status: "waiting", metadata }),
    waitingOn: on.map(sampleKey),
  };
}

describe("the dependency picture", () => {
  it("holds who waits and what for, met blockers too, and leaves out the rest", async () => {
    const done = sampleItem(1, { status: "done", stage: "done" });
    const found = [
      { item: done, waitingOn: [] },
      { item: sampleItem(2), waitingOn: [] },
      waiting(3, [2], [1, 2]),
      { item: sampleItem(4), waitingOn: [] },
    ];
    const { nodes, edges, left } = await dependencyPicture(found, NOBODY);
    expect(nodes.map(({ item }) => item?.id).sort()).toEqual(["ET-001", "ET-002", "ET-003"]);
    expect(edges).toEqual([
      { blocker: sampleKey(2), dependent: sampleKey(3), met: false },
      { blocker: sampleKey(1), dependent: sampleKey(3), met: true },
    ]);
    expect(left).toBe(0);
  });

  it("looks blockers up that are on another page, and shows issues that nobody carries", async () => {
    const items = memoryWorkItems([{ item: sampleItem(1) }]);
    const { nodes } = await dependencyPicture([waiting(9, [1, 99])], items);
    expect(nodes.map(({ issue, item }) => [issue, item?.id ?? null])).toEqual([
      [sampleKey(9), "ET-009"],
      [sampleKey(1), "ET-001"],
      [sampleKey(99), null],
    ]);
  });

  it("is bounded: those that still wait come first, and the rest is counted", async () => {
    const met = [waiting(2, [], [1])];
    const still = [waiting(4, [3]), waiting(6, [5])];
    const { nodes, left } = await dependencyPicture([...met, ...still], NOBODY, 4);
    expect(nodes.map(({ issue }) => issue)).toEqual([4, 3, 6, 5].map(sampleKey));
    expect(left).toBe(1);
  });
});

describe("its layout", () => {
  it("sets blockers left of who waits for them, and no box on another", async () => {
    const found = Array.from({ length: 75 }, (_, index) => waiting(index * 2 + 2, [index * 2 + 1]));
    const chain = await dependencyPicture([...found, waiting(500, [2, 4, 6])], NOBODY, 200);
    const { nodes, edges, width, height } = await drawn(chain);
    expect(nodes).toHaveLength(chain.nodes.length);
    const at = new Map(chain.nodes.map(({ issue }, index) => [issue, nodes[index]]));
    for (const { blocker, dependent } of chain.edges) {
      expect(at.get(blocker)?.x ?? 0).toBeLessThan(at.get(dependent)?.x ?? 0);
    }
    for (const [index, a] of nodes.entries()) {
      expect(a.x).toBeGreaterThanOrEqual(0);
      expect(a.x + NODE.width).toBeLessThanOrEqual(width);
      expect(a.y + NODE.height).toBeLessThanOrEqual(height);
      for (const b of nodes.slice(index + 1)) {
        const apart = Math.abs(a.x - b.x) >= NODE.width || Math.abs(a.y - b.y) >= NODE.height;
        expect(apart).toBe(true);
      }
    }
    expect(edges.every((points) => points.length >= 2)).toBe(true);
  });

  it("leads edges from side to side, past the boxes that stand between", async () => {
    const found = [waiting(2, [1]), waiting(3, [1, 2]), waiting(4, [1, 3])];
    const picture = await dependencyPicture(found, NOBODY);
    const { nodes, edges } = await drawn(picture);
    const boxOf = new Map(picture.nodes.map(({ issue }, index) => [issue, nodes[index]]));
    for (const [index, { blocker, dependent }] of picture.edges.entries()) {
      const way = edges[index] ?? [];
      const [from, to] = [boxOf.get(blocker), boxOf.get(dependent)];
      expect(way[0]).toEqual({ x: (from?.x ?? 0) + NODE.width, y: (from?.y ?? 0) + 28 });
      expect(way.at(-1)).toEqual({ x: to?.x, y: (to?.y ?? 0) + 28 });
      for (const { x, y } of way.slice(1, -1)) {
        const inside = nodes.filter(
          (box) => x >= box.x && x <= box.x + NODE.width && y >= box.y && y <= box.y + NODE.height,
        );
        expect(inside).toEqual([]);
      }
    }
    const lanes = edges.map((way) => way.length - 2).sort();
    expect(lanes).toEqual([0, 0, 0, 2, 4]);
  });

  it("survives a loop, and an issue that blocks itself", async () => {
    const loop = [waiting(1, [2]), waiting(2, [1]), waiting(3, [3])];
    const picture = await dependencyPicture(loop, NOBODY);
    expect((await drawn(picture)).edges).toHaveLength(3);
  });

  it("is made once for the same shape, whatever the statuses", async () => {
    const layOut = createLayOut(silentLogger());
    const before = await layOut(await dependencyPicture([waiting(2, [1])], NOBODY));
    const [other] = [waiting(2, [1])].map((each) => ({
      ...each,
      item: { ...each.item, status: "paused" as const },
    }));
    const after = await layOut(await dependencyPicture(other ? [other] : [], NOBODY));
    expect(after).toBe(before);
  });
});
