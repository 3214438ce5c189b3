/**
 * Lays out each part of a picture, in a thread of its own: a dense one takes a second, in which no
 * webhook would be answered. Told `{ parts: [{ nodes, edges }], node: { width, height } }`, answers
 * with the centres of the nodes, the bends of the edges, and the size of each part. Plain JavaScript,
 * so that it runs from the sources as from the build. An edge goes from side to side: its bends come
 * in pairs, the way into a column of nodes and the way out of it, between the nodes that stand there.
 */
import { parentPort, workerData } from "node:worker_threads";
import { Graph, layout } from "@dagrejs/dagre";

const { parts, node } = workerData;
parentPort?.postMessage(parts.map(laidOut));

function laidOut({ nodes, edges }) {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 72, edgesep: 6, marginx: 4, marginy: 4 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const name of nodes) graph.setNode(name, { ...node });
  for (const [from, to] of edges) graph.setEdge(from, to);
  layout(graph);
  const columns = new Set(nodes.map((name) => Math.round(graph.node(name).x)));
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    nodes: nodes.map((name) => ({ x: graph.node(name).x, y: graph.node(name).y })),
    edges: edges.map(([from, to]) =>
      wayOf(graph.node(from), graph.node(to), graph.edge(from, to).points ?? [], columns),
    ),
  };
}

function wayOf(from, to, bends, columns) {
  const half = (from.x <= to.x ? 1 : -1) * (node.width / 2);
  const lanes = bends
    .slice(1, -1)
    .filter(({ x }) => columns.has(Math.round(x)))
    .flatMap(({ x, y }) => [
      { x: x - half, y },
      { x: x + half, y },
    ]);
  return [{ x: from.x + half, y: from.y }, ...lanes, { x: to.x - half, y: to.y }];
}
