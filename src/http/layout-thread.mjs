/**
 * Lays out each part of a picture, in a thread of its own: a dense one takes a second, in which no
 * webhook would be answered. Told `{ parts: [{ nodes, edges }], node: { width, height } }`, answers
 * with the centres of the nodes, the bends of the edges, and the size of each part. Plain JavaScript,
 * so that it runs from the sources as from the build.
 */
import { parentPort, workerData } from "node:worker_threads";
import { Graph, layout } from "@dagrejs/dagre";

const { parts, node } = workerData;
parentPort?.postMessage(parts.map(laidOut));

function laidOut({ nodes, edges }) {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 56, marginx: 4, marginy: 4 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const name of nodes) graph.setNode(name, { ...node });
  for (const [from, to] of edges) graph.setEdge(from, to);
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    nodes: nodes.map((name) => ({ x: graph.node(name).x, y: graph.node(name).y })),
    edges: edges.map(([from, to]) => graph.edge(from, to).points ?? []),
  };
}
