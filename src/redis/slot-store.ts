import {
  GRANT_LEASE_MS,
  type Grant,
  type ReadyItem,
  type SlotLimits,
  type Slots,
} from "../engine/slots.js";
import type { RedisConnection } from "./connection.js";
import { slotKeys } from "./keys.js";
import { script } from "./script.js";

/** Ready items looked at in one project before the next one's turn: bounds an admission's cost. */
const LOOK_AHEAD = 32;

/** Slots, ready sets and turns in Redis; every decision is one Lua script. */
export function createSlotStore(redis: RedisConnection, prefix: string, limits: SlotLimits): Slots {
  const keys = slotKeys(prefix);
  const readyItem = script(redis, "ready-item");
  const admit = script(redis, "admit");
  const releaseSlot = script(redis, "release-slot");
  const holdSlot = script(redis, "hold-slot");
  const limitsJson = JSON.stringify(limits);
  return {
    async ready(item: ReadyItem, now) {
      await readyItem(
        [
          keys.ready(item.project),
          keys.projects,
          keys.what,
          keys.turn,
          keys.holders,
          keys.grants,
          keys.leases,
        ],
        [item.item, item.order, item.project, JSON.stringify(item), now, prefix],
      );
    },
    async release(item, version) {
      await releaseSlot(
        [keys.leases, keys.holders, keys.grants, keys.what],
        [item, version, prefix],
      );
    },
    async admit(now) {
      const grants = (await admit(
        [keys.projects, keys.what, keys.leases, keys.holders, keys.grants, keys.turn],
        [now, GRANT_LEASE_MS, limitsJson, prefix, LOOK_AHEAD],
      )) as string[];
      return grants.map((grant) => JSON.parse(grant) as Grant);
    },
    async promoted(item) {
      await redis.hdel(keys.grants, item);
    },
    async hold(item, version, now, leaseMs) {
      const held = await holdSlot([keys.leases, keys.holders], [item, version, now, leaseMs]);
      return Number(held) === 1;
    },
    async expect(project, order, deadline) {
      await redis.zadd(keys.expected(project), deadline, order);
    },
    async arrived(project, order) {
      await redis.zrem(keys.expected(project), order);
    },
  };
}
