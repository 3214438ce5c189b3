import type { Config } from "../../config/load.js";
import { slotLimits } from "../../engine/admission.js";
import type { SlotPlan } from "../../engine/plan.js";
import type { ReadRunLogs } from "../../engine/run-logs.js";
import type { ReadWorkItems } from "../../engine/work-items.js";
import { createQueues, type Queues } from "../../queue/queues.js";
import { redactUrl } from "../../redis/address.js";
import { connectRedis, untilReady } from "../../redis/connection.js";
import { createDeliveryLedger } from "../../redis/delivery-ledger.js";
import { findEmbeddedRedis } from "../../redis/find-embedded.js";
import { queuePrefix } from "../../redis/keys.js";
import { createRunLogs } from "../../redis/run-log.js";
import { createSlotPlan } from "../../redis/slot-plan.js";
import { createWorkItemStore } from "../../redis/work-item-store.js";
import { silentLogger } from "../../telemetry/logger.js";
import type { DeliveryLedger } from "../../webhooks/ports.js";

/** What a command that only looks needs of a running fleet. */
export interface Look {
  /** Without the password. */
  readonly redis: string;
  readonly items: ReadWorkItems;
  readonly runLogs: ReadRunLogs;
  readonly queues: Queues;
  readonly deliveries: DeliveryLedger;
  readonly slots: SlotPlan;
  close(): Promise<void>;
}

const READY_MS = 2_000;
const COMMAND_TIMEOUT_MS = 2_000;

/** No process of this DATA_DIR runs a Redis, and no REDIS_URL names one. */
export class NoFleetError extends Error {
  readonly code = "no-fleet";

  constructor(dataDir: string) {
    super(
      `No fleet is found: REDIS_URL is not set, and no \`stagecoach start\` keeps a Redis in ${dataDir} (one in WebAssembly can't be reached from other processes). Start one, or set REDIS_URL or DATA_DIR to the fleet's`,
    );
    this.name = "NoFleetError";
  }
}

/**
 * The fleet's Redis, the one that `stagecoach start` runs included.
 * @throws NoFleetError
 */
export async function urlOfFleet({ environment }: Config): Promise<string> {
  const { redisUrl, dataDir } = environment;
  const url = redisUrl ?? (await findEmbeddedRedis(dataDir));
  if (url === null) throw new NoFleetError(dataDir);
  return url;
}

/** @throws NoFleetError, RedisUnavailableError, both within about 2 s */
export async function lookAtFleet(config: Config): Promise<Look> {
  const { redisPrefix } = config.environment;
  const url = await urlOfFleet(config);
  const redis = connectRedis({
    url,
    role: "producer",
    log: silentLogger(),
    commandTimeoutMs: COMMAND_TIMEOUT_MS,
  });
  try {
    await untilReady(redis, READY_MS, url);
  } catch (error) {
    redis.disconnect();
    throw error;
  }
  const queues = createQueues(redis, queuePrefix(redisPrefix));
  return {
    redis: redactUrl(url),
    items: createWorkItemStore(redis, redisPrefix),
    runLogs: createRunLogs(redis, redisPrefix, silentLogger()),
    queues,
    deliveries: createDeliveryLedger(redis, redisPrefix),
    slots: createSlotPlan(redis, redisPrefix, slotLimits(config.fleet)),
    async close() {
      await queues.close();
      redis.disconnect();
    },
  };
}
