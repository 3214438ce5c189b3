import {
  type EdgeLabel,
  Graph,
  type GraphLabel,
  layout,
  type NodeLabel,
  type Point,
} from "@dagrejs/dagre";
import type { IssueKey } from "../domain/issue.js";
import type { DependencyPicture, PictureEdge, PictureNode } from "./dependency-picture.js";

/** In pixels. */
export const NODE = { width: 208, height: 56 } as const;

export interface PictureLayout {
  readonly width: number;
  readonly height: number;
  /** Left upper corners, in the order of the nodes. */
  readonly nodes: readonly Point[];
  /** From the blocker to the dependent, in the order of the edges. */
  readonly edges: readonly (readonly Point[])[];
}

export type LayOut = (picture: DependencyPicture) => PictureLayout;

/** Blockers on the left, who waits for them on the right. The last pictures are remembered. */
export function createLayOut(): LayOut {
  const kept = new Map<string, PictureLayout>();
  return (picture) => {
    const key = shapeOf(picture);
    const made = kept.get(key) ?? layOut(picture);
    kept.delete(key);
    kept.set(key, made);
    const [oldest] = kept.keys();
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
    return made;
  };
}

const KEPT = 8;

/** A status that changes moves nothing. */
function shapeOf({ nodes, edges }: DependencyPicture): string {
  return JSON.stringify([
    nodes.map(({ issue }) => issue),
    edges.map(({ blocker, dependent }) => [blocker, dependent]),
  ]);
}

/** Parts that nothing joins are laid out each by itself and set side by side, row by row. */
function layOut(picture: DependencyPicture): PictureLayout {
  const nodes = new Map<IssueKey, Point>();
  const edges = new Map<PictureEdge, readonly Point[]>();
  let [left, top, height, width] = [0, 0, 0, 0];
  for (const part of partsOf(picture)) {
    const graph = laidOut(part);
    const size = { width: graph.graph().width ?? 0, height: graph.graph().height ?? 0 };
    if (left > 0 && left + size.width > ROW_WIDTH) {
      top = height + GAP;
      left = 0;
    }
    const at = ({ x, y }: Point) => ({ x: Math.round(x + left), y: Math.round(y + top) });
    for (const { issue } of part.nodes) {
      const { x, y } = graph.node(issue);
      nodes.set(issue, at({ x: x - NODE.width / 2, y: y - NODE.height / 2 }));
    }
    for (const edge of part.edges) {
      edges.set(edge, (graph.edge(edge.blocker, edge.dependent).points ?? []).map(at));
    }
    left += size.width + GAP;
    width = Math.max(width, left - GAP);
    height = Math.max(height, top + size.height);
  }
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    nodes: picture.nodes.map(({ issue }) => nodes.get(issue) ?? { x: 0, y: 0 }),
    edges: picture.edges.map((edge) => edges.get(edge) ?? []),
  };
}

const ROW_WIDTH = 1_200;
const GAP = 24;

interface Part {
  readonly nodes: PictureNode[];
  readonly edges: PictureEdge[];
}

/** In the order of their first nodes. */
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

function laidOut({ nodes, edges }: Part): Graph<GraphLabel, NodeLabel, EdgeLabel> {
  const graph = new Graph<GraphLabel, NodeLabel, EdgeLabel>();
  graph.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 56, marginx: 4, marginy: 4 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { issue } of nodes) graph.setNode(issue, { ...NODE });
  for (const { blocker, dependent } of edges) graph.setEdge(blocker, dependent);
  return layout(graph);
}
