import { Worker } from "node:worker_threads";
import type { IssueKey } from "../domain/issue.js";
import type { Logger } from "../telemetry/logger.js";
import type { DependencyPicture, PictureEdge, PictureNode } from "./dependency-picture.js";

/** In pixels. */
export const NODE = { width: 208, height: 56 } as const;
const ROW_WIDTH = 1_200;
const GAP = 24;
/** The longest that is waited for a picture, in ms. */
const PATIENCE_MS = 10_000;
/** How many pictures are remembered. */
const KEPT = 16;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PictureLayout {
  readonly width: number;
  readonly height: number;
  /** Left upper corners, in the order of the nodes. */
  readonly nodes: readonly Point[];
  /** From the blocker to the dependent, in the order of the edges. */
  readonly edges: readonly (readonly Point[])[];
}

/** Null: it can't be drawn, and the log says why. */
export type LayOut = (picture: DependencyPicture) => Promise<PictureLayout | null>;

/** Blockers on the left, who waits for them on the right. The last pictures are remembered. */
export function createLayOut(log: Logger): LayOut {
  const kept = new Map<string, Promise<PictureLayout | null>>();
  return (picture) => {
    const key = shapeOf(picture);
    const made = kept.get(key) ?? layOut(picture, log);
    kept.delete(key);
    kept.set(key, made);
    const [oldest] = kept.keys();
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
    return made;
  };
}

/** A status that changes moves nothing. */
function shapeOf({ nodes, edges }: DependencyPicture): string {
  return JSON.stringify([
    nodes.map(({ issue }) => issue),
    edges.map(({ blocker, dependent }) => [blocker, dependent]),
  ]);
}

async function layOut(picture: DependencyPicture, log: Logger): Promise<PictureLayout | null> {
  const parts = partsOf(picture);
  if (parts.length === 0) return { width: 0, height: 0, nodes: [], edges: [] };
  try {
    return sideBySide(picture, parts, await laidOut(parts));
  } catch (error) {
    log.warn({ err: error, nodes: picture.nodes.length }, "the graph can't be drawn");
    return null;
  }
}

interface Part {
  readonly nodes: PictureNode[];
  readonly edges: PictureEdge[];
}

/** What edges join, in the order of the first nodes. */
function partsOf({ nodes, edges }: DependencyPicture): readonly Part[] {
  const partOf = new Map<IssueKey, Part>(
    nodes.map((node) => [node.issue, { nodes: [node], edges: [] }]),
  );
  for (const edge of edges) {
    const part = partOf.get(edge.blocker);
    const other = partOf.get(edge.dependent);
    if (part === undefined || other === undefined) continue;
    part.edges.push(edge);
    if (part === other) continue;
    part.nodes.push(...other.nodes);
    part.edges.push(...other.edges);
    for (const { issue } of other.nodes) partOf.set(issue, part);
  }
  return [...new Set(partOf.values())];
}

/** As `layout-thread.mjs` answers: its nodes are centres. */
type LaidOut = PictureLayout;

function laidOut(parts: readonly Part[]): Promise<readonly LaidOut[]> {
  const thread = new Worker(new URL("./layout-thread.mjs", import.meta.url), {
    workerData: {
      node: NODE,
      parts: parts.map(({ nodes, edges }) => ({
        nodes: nodes.map(({ issue }) => issue),
        edges: edges.map(({ blocker, dependent }) => [blocker, dependent]),
      })),
    },
  });
  // A process that goes doesn't wait for a picture.
  thread.unref();
  return new Promise<readonly LaidOut[]>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`it took more than ${PATIENCE_MS} ms`));
      void thread.terminate();
    }, PATIENCE_MS);
    thread.once("message", resolve);
    thread.once("error", reject);
    thread.once("exit", () => {
      clearTimeout(timer);
      reject(new Error("its thread ended without an answer"));
    });
  });
}

/** Parts that nothing joins stand side by side, row by row. */
function sideBySide(
  picture: DependencyPicture,
  parts: readonly Part[],
  laid: readonly LaidOut[],
): PictureLayout {
  const nodes = new Map<IssueKey, Point>();
  const edges = new Map<PictureEdge, readonly Point[]>();
  let [left, top, height, width] = [0, 0, 0, 0];
  for (const [index, part] of parts.entries()) {
    const made = laid[index];
    if (made === undefined) continue;
    if (left > 0 && left + made.width > ROW_WIDTH) {
      top = height + GAP;
      left = 0;
    }
    const at = ({ x, y }: Point) => ({ x: Math.round(x + left), y: Math.round(y + top) });
    for (const [place, { issue }] of part.nodes.entries()) {
      const { x, y } = made.nodes[place] ?? { x: 0, y: 0 };
      nodes.set(issue, at({ x: x - NODE.width / 2, y: y - NODE.height / 2 }));
    }
    for (const [place, edge] of part.edges.entries()) {
      edges.set(edge, (made.edges[place] ?? []).map(at));
    }
    left += made.width + GAP;
    width = Math.max(width, left - GAP);
    height = Math.max(height, top + made.height);
  }
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    nodes: picture.nodes.map(({ issue }) => nodes.get(issue) ?? { x: 0, y: 0 }),
    edges: picture.edges.map((edge) => edges.get(edge) ?? []),
  };
}
