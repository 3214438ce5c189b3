import { isDeepStrictEqual } from "node:util";
import { issueKey } from "../domain/issue.js";
import type { ItemRemoval } from "../engine/retention.js";
import type { RedisConnection } from "./connection.js";
import { pageOfIds } from "./item-pages.js";
import { budgetKeys, graphKeys, itemKeys, runLogPrefix } from "./keys.js";
import { script } from "./script.js";
import { readAll, readItem } from "./work-item-store.js";

/** Removes items from Redis; each goes in one Lua script. */
export function createItemRemoval(redis: RedisConnection, prefix: string): ItemRemoval {
  const keys = itemKeys(prefix);
  const graph = graphKeys(prefix);
  const removeItem = script(redis, "remove-item");
  return {
    async madeBefore(moment, page) {
      const { ids, next } = await pageOfIds(redis, keys.items, { ...page, highest: moment });
      return { items: await readAll(redis, keys.item, ids), next };
    },
    async remove(item) {
      const { id } = item;
      const stored = await readItem(redis, keys.item(id));
      if (stored === null || !isDeepStrictEqual(stored.item, item)) return false;
      const issue = issueKey(item.issue);
      const removed = await removeItem(
        [
          keys.item(id),
          keys.history(id),
          keys.effects(id),
          keys.runs(id),
          keys.items,
          keys.commits,
          keys.commitsOf(id),
          keys.issue(issue),
          graph.waived(issue),
          graph.loops(issue),
          budgetKeys(prefix).item(id),
        ],
        [id, stored.revision, runLogPrefix(prefix)],
      );
      return Number(removed) === 1;
    },
  };
}
