import { type Loop, loopName } from "../domain/loop.js";
import type { Loops } from "../engine/graph.js";
import type { RedisConnection } from "./connection.js";
import { graphKeys } from "./keys.js";
import { script } from "./script.js";
import { isUnmet } from "./stored-edges.js";

/** Finds loops by Lua; those that people were told of are kept with each issue on them. */
export function createLoops(redis: RedisConnection, prefix: string): Loops {
  const keys = graphKeys(prefix);
  const prefixes = [keys.edgesPrefix, keys.dependentsPrefix];
  const findLoop = script(redis, "find-loop");
  const entangledIssues = script(redis, "entangled-issues");
  return {
    async through(issue) {
      const loop = String(await findLoop([keys.edges(issue)], [issue, ...prefixes]));
      return loop === "" ? null : loop.split(" ");
    },
    async entangled(issue) {
      return String(await entangledIssues([keys.edges(issue)], [issue, ...prefixes])).split(" ");
    },
    async stands(loop) {
      const asked = redis.pipeline();
      for (const [dependent, blocker] of edgesOf(loop)) {
        asked.hget(keys.edges(dependent), blocker);
      }
      return ((await asked.exec()) ?? []).every(([error, holds]) => {
        if (error) throw error;
        return isUnmet(String(holds));
      });
    },
    async note(loop) {
      const noting = redis.multi();
      for (const issue of loop) noting.sadd(keys.loops(issue), loopName(loop));
      await noting.exec();
    },
    async notedThrough(issue) {
      return (await redis.smembers(keys.loops(issue))).map((loop) => loop.split(" "));
    },
    async forget(loop) {
      const forgetting = redis.multi();
      for (const issue of loop) forgetting.srem(keys.loops(issue), loopName(loop));
      await forgetting.exec();
    },
  };
}

function edgesOf(loop: Loop): (readonly [string, string])[] {
  return loop.map((issue, index) => [issue, loop[(index + 1) % loop.length] ?? issue] as const);
}
