import { gather } from "../webhooks/gather.js";
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

/** Bytes that one script takes at most: Redis does nothing else meanwhile. */
const MOST_BYTES = 1024 * 1024;
/** What a delivery weighs besides its body. */
const OVERHEAD_BYTES = 8 * 1024;

interface Claim {
  readonly delivery: string;
  readonly fingerprint: string;
  readonly body: string | Buffer;
}

interface Ending {
  readonly entry: LoggedDelivery;
  readonly state: "queued" | "ignored" | "duplicate";
  readonly lifeMs: number;
  readonly body: string;
}

/** Deliveries in Redis; claiming and settling are one Lua script each, for all that come together. */
export function createDeliveryLedger(
  redis: RedisConnection,
  prefix: string,
  retention: DeliveryRetention = DELIVERY_RETENTION,
): DeliveryLedger {
  const keys = ledgerKeys(prefix);
  const claimAll = script(redis, "claim-delivery");
  const settleAll = script(redis, "settle-delivery");
  const { deliveriesMs, bodiesMs } = retention;
  const namesOf = ({ delivery, fingerprint }: Pick<Claim, "delivery" | "fingerprint">) => [
    keys.delivery(delivery),
    keys.fingerprint(fingerprint),
    keys.body(fingerprint),
  ];
  const weigh = ({ body }: { readonly body: string | Buffer }) => OVERHEAD_BYTES + body.length;
  const claim = gather<Claim, ClaimAnswer>({
    most: MOST_BYTES,
    weigh,
    go: async (claims) => {
      const bodies = claims.map(({ body }) => body);
      return claimAnswers(
        await claimAll(claims.flatMap(namesOf), [deliveriesMs, bodiesMs, ...bodies]),
      );
    },
  });
  const settle = gather<Ending, void>({
    most: MOST_BYTES,
    weigh,
    go: async (endings) => {
      const names = endings.flatMap(({ entry }) => namesOf(entry));
      await settleAll([keys.log, ...names], [deliveriesMs, bodiesMs, ...endings.flatMap(settling)]);
      return endings.map(() => undefined);
    },
  });
  return {
    claim: (delivery, fingerprint, body = "") =>
      stored(() => claim({ delivery, fingerprint, body })),
    queued: (entry, body = "") =>
      stored(() => settle({ entry, state: "queued", lifeMs: deliveriesMs, body })),
    ignored: (entry, body = "") =>
      stored(() => settle({ entry, state: "ignored", lifeMs: IGNORED_MS, body })),
    duplicate: (entry) => stored(() => settle({ entry, state: "duplicate", lifeMs: 0, body: "" })),
    body: (fingerprint) => stored(() => redis.get(keys.body(fingerprint))),
    recent: (limit, skip = 0) =>
      stored(async () => {
        if (limit < 1) return [];
        const entries = await redis.zrevrange(keys.log, skip, skip + limit - 1);
        return entries.map((entry) => JSON.parse(entry) as LoggedDelivery);
      }),
  };
}

/** What the script takes of each delivery. */
function settling({ entry, state, lifeMs, body }: Ending): readonly (string | number)[] {
  return [state, lifeMs, JSON.stringify(entry), Date.parse(entry.at), body];
}

type ClaimAnswer = "new" | "claimed" | "duplicate";

function claimAnswers(words: unknown): readonly ClaimAnswer[] {
  const answers = String(words).split(" ");
  if (answers.every(isClaimAnswer)) return answers;
  throw new Error(`claim-delivery answered ${words}`);
}

function isClaimAnswer(answer: string): answer is ClaimAnswer {
  return answer === "new" || answer === "claimed" || answer === "duplicate";
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
