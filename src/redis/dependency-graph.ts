import type { DependencyGraph, Edge } from "../engine/graph.js";
import { createAgenda } from "./agenda.js";
import type { RedisConnection } from "./connection.js";
import { graphKeys } from "./keys.js";
import { createLoops } from "./loops.js";
import { script } from "./script.js";
import { readUnmet } from "./stored-edges.js";

/** The dependency graph as hashes and sets in Redis, kept consistent by Lua. */
export function createDependencyGraph(redis: RedisConnection, prefix: string): DependencyGraph {
  const keys = graphKeys(prefix);
  const stateEdges = script(redis, "state-edges");
  const waiveEdge = script(redis, "waive-edge");
  const meetBlocker = script(redis, "meet-blocker");
  return {
    async state(source, edges) {
      await stateEdges(
        [keys.met, keys.stated(source), keys.vanished(source), keys.appeared(source)],
        [
          keys.edgesPrefix,
          keys.waivedPrefix,
          keys.dependentsPrefix,
          ...edges.flatMap(({ dependent, blocker }) => [dependent, blocker]),
        ],
      );
    },
    async stated(source) {
      return (await redis.hkeys(keys.stated(source))).map(readEdge);
    },
    async vanished(source) {
      return (await redis.smembers(keys.vanished(source))).map(readEdge);
    },
    async noted(source, edges) {
      if (edges.length > 0) await redis.srem(keys.vanished(source), ...edges.map(writtenEdge));
    },
    async appeared(source) {
      return (await redis.smembers(keys.appeared(source))).map(readEdge);
    },
    async seen(source, edges) {
      if (edges.length > 0) await redis.srem(keys.appeared(source), ...edges.map(writtenEdge));
    },
    async waive(dependent, blocker) {
      await waiveEdge(
        [keys.edges(dependent), keys.waived(dependent), keys.dependents(blocker)],
        [dependent, blocker],
      );
    },
    async waived(dependent) {
      return redis.smembers(keys.waived(dependent));
    },
    async unmet(dependent) {
      return readUnmet(redis, keys.edges(dependent));
    },
    async blockers(dependent) {
      const stated = await redis.hkeys(keys.edges(dependent));
      const waived = new Set(await redis.smembers(keys.waived(dependent)));
      return stated.filter((blocker) => !waived.has(blocker)).sort();
    },
    async dependents(blocker) {
      return redis.hkeys(keys.dependents(blocker));
    },
    async reopen(blocker) {
      await redis.srem(keys.met, blocker);
    },
    async isMet(blocker) {
      return (await redis.sismember(keys.met, blocker)) === 1;
    },
    async meet(blocker) {
      const dependents = await meetBlocker(
        [keys.met, keys.dependents(blocker)],
        [blocker, keys.edgesPrefix],
      );
      return dependents as string[];
    },
    loops: createLoops(redis, prefix),
    agenda: createAgenda(redis, prefix),
  };
}

/** As `state-edges.lua` writes it; no tracker's key has a space. */
function writtenEdge({ dependent, blocker }: Edge): string {
  return `${dependent} ${blocker}`;
}

function readEdge(written: string): Edge {
  const [dependent = "", blocker = ""] = written.split(" ");
  return { dependent, blocker };
}
