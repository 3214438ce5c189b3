import type { DependencyGraph } from "../engine/graph.js";
import type { RedisConnection } from "./connection.js";
import { graphKeys } from "./keys.js";
import { script } from "./script.js";

/** The dependency graph as sets in Redis, kept consistent by Lua. */
export function createDependencyGraph(redis: RedisConnection, prefix: string): DependencyGraph {
  const keys = graphKeys(prefix);
  const declareEdges = script(redis, "declare-edges");
  const waiveEdge = script(redis, "waive-edge");
  const meetBlocker = script(redis, "meet-blocker");
  return {
    async declare(dependent, blockers) {
      if (blockers.length === 0) return;
      await declareEdges(
        [keys.met, keys.unmet(dependent), keys.waived(dependent), ...blockers.map(keys.dependents)],
        [dependent, ...blockers],
      );
    },
    async waive(dependent, blocker) {
      await waiveEdge(
        [keys.unmet(dependent), keys.waived(dependent), keys.dependents(blocker)],
        [dependent, blocker],
      );
    },
    async waived(dependent) {
      return redis.smembers(keys.waived(dependent));
    },
    async unmet(dependent) {
      return redis.smembers(keys.unmet(dependent));
    },
    async reopen(blocker) {
      await redis.srem(keys.met, blocker);
    },
    async meet(blocker) {
      const dependents = await meetBlocker(
        [keys.met, keys.dependents(blocker)],
        [blocker, keys.unmetPrefix],
      );
      return dependents as string[];
    },
  };
}
