import { type DeliveryLedger, type LoggedDelivery, StoreUnavailable } from "../webhooks/ports.js";
import type { RedisConnection } from "./connection.js";

const HOUR_MS = 3_600_000;

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

export function ledgerKeys(prefix: string) {
  return {
    delivery: (id: string) => `${prefix}:delivery:${id}`,
    fingerprint: (hex: string) => `${prefix}:fingerprint:${hex}`,
    body: (fingerprint: string) => `${prefix}:body:${fingerprint}`,
    log: `${prefix}:deliveries`,
  };
}

/** What `createDeliveryIntake` took in, for those who look. */
export function createDeliveryLedger(redis: RedisConnection, prefix: string): DeliveryLedger {
  const keys = ledgerKeys(prefix);
  return {
    body: (fingerprint) => stored(() => redis.get(keys.body(fingerprint))),
    recent: (limit, skip = 0) =>
      stored(async () => {
        if (limit < 1) return [];
        const entries = await redis.zrevrange(keys.log, skip, skip + limit - 1);
        return entries.map((entry) => JSON.parse(entry) as LoggedDelivery);
      }),
  };
}

function stored<T>(work: () => Promise<T>): Promise<T> {
  return orUnavailable("The delivery ledger cannot be used", work);
}

/** Whatever keeps the store from doing its work (connection, OOM, READONLY, LOADING) is one fault. */
export async function orUnavailable<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreUnavailable(`${what}: ${reason}`, { cause: error });
  }
}
