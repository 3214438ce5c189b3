import { randomBytes } from "node:crypto";
import { countsOf } from "../domain/counts.js";
import { type Effect, heardBy } from "../domain/effect.js";
import { itemId, itemOfBranch } from "../domain/ids.js";
import { issueKey } from "../domain/issue.js";
import type { RunRecord } from "../domain/run.js";
import { withDependentsTold } from "../domain/stopped.js";
import type { Transition } from "../domain/transition.js";
import type { WorkItem } from "../domain/work-item.js";
import type { WorkItems } from "../engine/work-items.js";
import { changeMessage } from "./change-feed.js";
import type { RedisConnection } from "./connection.js";
import { counterField } from "./counter-store.js";
import { pageOfIds } from "./item-pages.js";
import { changesChannel, itemKeys } from "./keys.js";
import { script } from "./script.js";
import { readUnmet } from "./stored-edges.js";
import { packEntry, packItem, unpackEntry, unpackItem } from "./stored-item.js";

/** Writers of one item that lose the race this often in a row have a fault, not bad luck. */
const MOST_CONFLICTS = 50;
/** Enough to tell two apart who write the same item at once. */
const WRITER_BYTES = 6;

interface Stored {
  readonly item: WorkItem;
  readonly revision: number;
}

/** Work items in Redis: one JSON document an item, compared and swapped by revision in Lua. */
export function createWorkItemStore(redis: RedisConnection, prefix: string): WorkItems {
  const keys = itemKeys(prefix);
  const reserveItem = script(redis, "reserve-item");
  const transitionItem = script(redis, "transition-item");
  const strikeOff = script(redis, "strike-off");

  /** Of items that were found, by the very object. */
  const revisions = new WeakMap<WorkItem, number>();

  const read = (id: string) => readItem(redis, keys.item(id));

  function asSeen(item: WorkItem | undefined): Stored | null {
    const revision = item === undefined ? undefined : revisions.get(item);
    return item === undefined || revision === undefined ? null : { item, revision };
  }

  async function write(
    before: Stored | null,
    transition: Transition,
    task: string,
  ): Promise<boolean> {
    const { item, history, effects } = transition;
    const runs = [...(transition.runs ?? []), ...(item.run === null ? [] : [item.run])];
    const result = await transitionItem(
      [
        keys.item(item.id),
        keys.history(item.id),
        keys.effects(item.id),
        keys.outbox,
        keys.runs(item.id),
        keys.items,
        keys.commits,
        keys.counts,
        keys.commitsOf(item.id),
        changesChannel(prefix),
      ],
      [
        before?.revision ?? 0,
        packItem(item),
        item.id,
        Date.parse(item.updatedAt),
        item.head ?? "",
        task,
        ...counted(history.map(packEntry)),
        ...counted(heardBy(item.issue.tracker, effects).map((effect) => JSON.stringify(effect))),
        ...counted(runs.flatMap((run) => [run.id, JSON.stringify(run)])),
        ...counted(
          countsOf(before?.item ?? null, transition).flatMap((count) => [
            counterField(count),
            String(count.by ?? 1),
          ]),
        ),
        changeMessage({ item: item.id, stage: item.stage, status: item.status }),
        randomBytes(WRITER_BYTES).toString("base64url"),
      ],
    );
    return Number(result) !== -1;
  }

  async function changed(
    before: Stored,
    change: (item: WorkItem) => Transition | null,
  ): Promise<Transition | "conflict" | null> {
    const wanted = change(before.item);
    if (wanted === null) return null;
    const transition = withDependentsTold(before.item, wanted);
    return (await write(before, transition, "")) ? transition : "conflict";
  }

  return {
    async reserve(issue, prefixOfProject) {
      const number = await reserveItem(
        [keys.issue(issue), keys.counter(prefixOfProject)],
        [prefixOfProject],
      );
      return itemId(prefixOfProject, Number(number));
    },
    async release(issue) {
      await redis.del(keys.issue(issue));
    },
    async removed(issue) {
      return (await redis.hexists(keys.issue(issue), "removed")) === 1;
    },
    async create(transition, task) {
      return write(null, transition, task);
    },
    async transition(id, change, seen) {
      const known = asSeen(seen);
      const done = known === null ? null : await changed(known, change);
      if (done !== null && done !== "conflict") return done;
      for (let tries = 0; tries < MOST_CONFLICTS; tries += 1) {
        const found = await read(id);
        const written = found === null ? null : await changed(found, change);
        if (written !== "conflict") return written;
      }
      throw new Error(`${id} was written by others ${MOST_CONFLICTS} times in a row`);
    },
    async task(id) {
      return (await redis.hget(keys.item(id), "task")) ?? "";
    },
    async updateTask(id, task) {
      await redis.hset(keys.item(id), "task", task);
    },
    async owed(id) {
      const stored = await redis.lrange(keys.effects(id), 0, -1);
      return stored.map((effect) => JSON.parse(effect) as Effect);
    },
    async strikeOff(id, effect) {
      // Parsed and written again, an effect is the very text that was stored.
      const stored = JSON.stringify(effect);
      return Number(await strikeOff([keys.effects(id), keys.outbox], [stored, id]));
    },
    async inOutbox(before, limit) {
      return redis.zrangebyscore(keys.outbox, "-inf", before, "LIMIT", 0, limit);
    },
    async find(id) {
      const found = await read(id);
      if (found !== null) revisions.set(found.item, found.revision);
      return found?.item ?? null;
    },
    async ofIssue(issue) {
      const [number, prefixOfProject] = await redis.hmget(keys.issue(issue), "number", "prefix");
      return number && prefixOfProject ? itemId(prefixOfProject, Number(number)) : null;
    },
    async ofBranch(project, branch) {
      const id = itemOfBranch(branch);
      const item = id === null ? undefined : (await read(id))?.item;
      return item?.project === project && item.branch === branch ? item.id : null;
    },
    async ofCommit(commit) {
      return redis.hget(keys.commits, commit);
    },
    async list(page) {
      const { ids, next } = await pageOfIds(redis, keys.items, page);
      return { items: await readAll(redis, keys.item, ids), next };
    },
    async history(id) {
      const stored = await redis.lrange(keys.history(id), 0, -1);
      return stored.map(unpackEntry);
    },
    async runs(id) {
      const stored = await redis.hvals(keys.runs(id));
      return stored
        .map((run) => JSON.parse(run) as RunRecord)
        .sort((a, b) => a.startedAt.localeCompare(b.startedAt) || a.attempt - b.attempt);
    },
    async waitingOn(id) {
      const item = (await read(id))?.item;
      return item === undefined ? [] : readUnmet(redis, keys.edges(issueKey(item.issue)));
    },
  };
}

export async function readItem(redis: RedisConnection, key: string): Promise<Stored | null> {
  const [doc, revision] = await redis.hmget(key, "doc", "revision");
  if (typeof doc !== "string") return null;
  return { item: unpackItem(doc), revision: Number(revision) };
}

export async function readAll(
  redis: RedisConnection,
  key: (id: string) => string,
  ids: readonly string[],
): Promise<WorkItem[]> {
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hget(key(id), "doc");
  const answers = (await pipeline.exec()) ?? [];
  return answers.flatMap(([error, doc]) => {
    if (error) throw error;
    return typeof doc === "string" ? [unpackItem(doc)] : [];
  });
}

/** A list as the script reads it: its length, then its values. */
function counted(values: readonly string[]): (string | number)[] {
  return [values.length, ...values];
}
