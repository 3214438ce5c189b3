import {
  type Admission,
  GRANT_LEASE_MS,
  type Grant,
  type ReadyItem,
  type SlotHolder,
  type SlotLimits,
  type Slots,
} from "../engine/slots.js";
import type { RedisConnection } from "./connection.js";
import { slotKeys } from "./keys.js";
import { script } from "./script.js";

/** Slots, ready sets and turns in Redis; every decision is one Lua script. */
export function createSlotStore(redis: RedisConnection, prefix: string, limits: SlotLimits): Slots {
  const keys = slotKeys(prefix);
  const readyItem = script(redis, "ready-item");
  const admit = script(redis, "admit");
  const releaseSlot = script(redis, "release-slot");
  const holdSlot = script(redis, "hold-slot");
  const pauseProvider = script(redis, "pause-provider");
  const becomeReady = script(redis, "become-ready");
  const limitsJson = JSON.stringify(limits);
  const readyKeys = (item: ReadyItem) => [
    keys.readyClass(item.project, classOf(item)),
    keys.projects,
    keys.what,
    keys.turn,
    keys.holders,
    keys.grants,
    keys.leases,
    keys.classes(item.project),
  ];
  const readyArguments = (item: ReadyItem, now: number) => {
    const { item: id, order, project } = item;
    return [id, order, project, JSON.stringify(item), now, prefix, classOf(item)];
  };
  const admissionArguments = (now: number, afresh: boolean) => {
    return [now, GRANT_LEASE_MS, limitsJson, prefix, afresh ? "1" : "0"];
  };
  return {
    async ready(item, now) {
      await readyItem(readyKeys(item), readyArguments(item, now));
    },
    async becomeReady(item, now) {
      const all = [...admissionKeys(keys), ...readyKeys(item)];
      const args = [...admissionArguments(now, false), ...readyArguments(item, now)];
      return admissionOf(await becomeReady(all, args));
    },
    async release(item, version, run) {
      await releaseSlot(
        [keys.leases, keys.holders, keys.grants, keys.what],
        [item, version, prefix, run ?? ""],
      );
    },
    async admit(now, afresh = false) {
      return admissionOf(await admit(admissionKeys(keys), admissionArguments(now, afresh)));
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
    async resume(provider) {
      return (await redis.del(keys.pause(provider))) === 1;
    },
    async placeOf(item) {
      const [held, ready] = await Promise.all([
        redis.hget(keys.holders, item),
        redis.hget(keys.what, item),
      ]);
      const known = held ?? ready;
      if (known === null) return null;
      const { version } = JSON.parse(known) as { version: number };
      return { place: held === null ? "ready" : "slot", version };
    },
    async holders() {
      const held = await redis.hvals(keys.holders);
      return held.map((text) => {
        const { item, version, run } = JSON.parse(text) as SlotHolder & { run?: string };
        return { item, version, run: run ?? null };
      });
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

function classOf({ role, provider }: ReadyItem): string {
  return `${role}\n${provider}`;
}

/** Of what `admit.lua` returns. */
function admissionOf(answer: unknown): Admission {
  const [wake, ...grants] = answer as string[];
  return {
    grants: grants.map((grant) => JSON.parse(grant) as Grant),
    again: wake ? Number(wake) : null,
  };
}

/** As `admit.lua` takes them. */
export function admissionKeys(keys: ReturnType<typeof slotKeys>): string[] {
  const { projects, what, leases, holders, grants, turn, wake, oldProjects } = keys;
  return [projects, what, leases, holders, grants, turn, wake, oldProjects];
}
