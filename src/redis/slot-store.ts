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
  const pauseProvider = script(redis, "pause-provider");
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
    async release(item, version, run) {
      await releaseSlot(
        [keys.leases, keys.holders, keys.grants, keys.what],
        [item, version, prefix, run ?? ""],
      );
    },
    async admit(now, afresh = false) {
      const [wake, ...grants] = (await admit(
        [keys.projects, keys.what, keys.leases, keys.holders, keys.grants, keys.turn, keys.wake],
        [now, GRANT_LEASE_MS, limitsJson, prefix, LOOK_AHEAD, afresh ? "1" : "0"],
      )) as string[];
      return {
        grants: grants.map((grant) => JSON.parse(grant) as Grant),
        again: wake ? Number(wake) : null,
      };
    },
    async promoted(item) {
      await redis.hdel(keys.grants, item);
    },
    async hold(item, version, now, leaseMs, run) {
      const held = await holdSlot(
        [keys.leases, keys.holders],
        [item, version, now, leaseMs, run ?? ""],
      );
      return Number(held) === 1;
    },
    async pause(provider, until, now) {
      return Number(await pauseProvider([keys.pause(provider)], [until, now]));
    },
    async pausedUntil(provider) {
      const until = await redis.get(keys.pause(provider));
      return until === null ? null : Number(until);
    },
    async expect(project, order, deadline) {
      await redis.zadd(keys.expected(project), deadline, order);
    },
    async arrived(project, order) {
      await redis.zrem(keys.expected(project), order);
    },
  };
}
