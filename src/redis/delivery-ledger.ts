import { type DeliveryLedger, type LoggedDelivery, StoreUnavailable } from "../webhooks/ports.js";
import type { RedisConnection } from "./connection.js";
import { script } from "./script.js";

const HOUR_MS = 3_600_000;
const IGNORED_MS = 60_000;

export interface DeliveryRetention {
  /** How long a delivery is known and stands in the log, ms. */
  readonly deliveriesMs: number;
  /** How long its body is kept, ms. */
  readonly bodiesMs: number;
}

export const DELIVERY_RETENTION: DeliveryRetention = {
  deliveriesMs: 7 * 24 * HOUR_MS,
  bodiesMs: 24 * HOUR_MS,
};

function ledgerKeys(prefix: string) {
  return {
    delivery: (id: string) => `${prefix}:delivery:${id}`,
    fingerprint: (hex: string) => `${prefix}:fingerprint:${hex}`,
    body: (fingerprint: string) => `${prefix}:body:${fingerprint}`,
    log: `${prefix}:deliveries`,
  };
}

/** Deliveries in Redis; claiming and settling are one Lua script each. */
export function createDeliveryLedger(
  redis: RedisConnection,
  prefix: string,
  retention: DeliveryRetention = DELIVERY_RETENTION,
): DeliveryLedger {
  const keys = ledgerKeys(prefix);
  const claim = script(redis, "claim-delivery");
  const settle = script(redis, "settle-delivery");
  const record = async (entry: LoggedDelivery, state: string, lifeMs: number, body: string) => {
    const { delivery, fingerprint } = entry;
    await settle(
      [keys.delivery(delivery), keys.fingerprint(fingerprint), keys.log, keys.body(fingerprint)],
      [
        state,
        lifeMs,
        JSON.stringify(entry),
        Date.parse(entry.at),
        retention.deliveriesMs,
        body,
        retention.bodiesMs,
      ],
    );
  };
  return {
    claim: (delivery, fingerprint, body = "") =>
      stored(async () => {
        const answer = await claim(
          [keys.delivery(delivery), keys.fingerprint(fingerprint), keys.body(fingerprint)],
          [retention.deliveriesMs, body, retention.bodiesMs],
        );
        return claimAnswer(answer);
      }),
    queued: (entry, body = "") =>
      stored(() => record(entry, "queued", retention.deliveriesMs, body)),
    ignored: (entry, body = "") => stored(() => record(entry, "ignored", IGNORED_MS, body)),
    duplicate: (entry) => stored(() => record(entry, "duplicate", 0, "")),
    body: (fingerprint) => stored(() => redis.get(keys.body(fingerprint))),
    recent: (limit, skip = 0) =>
      stored(async () => {
        if (limit < 1) return [];
        const entries = await redis.zrevrange(keys.log, skip, skip + limit - 1);
        return entries.map((entry) => JSON.parse(entry) as LoggedDelivery);
      }),
  };
}

function claimAnswer(answer: unknown): "new" | "claimed" | "duplicate" {
  if (answer === "new" || answer === "claimed" || answer === "duplicate") return answer;
  throw new Error(`claim-delivery answered ${String(answer)}`);
}

/** Whatever keeps the store from doing its work (connection, OOM, READONLY, LOADING) is one fault. */
async function stored<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreUnavailable(`The delivery ledger cannot be used: ${reason}`, { cause: error });
  }
}
