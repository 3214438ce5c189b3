import type { Config } from "../../config/load.js";
import { slotLimits } from "../../engine/admission.js";
import type { Budgets } from "../../engine/budget.js";
import type { Flows, Notifications } from "../../engine/flows.js";
import type { DependencyGraph } from "../../engine/graph.js";
import type { Locks } from "../../engine/locks.js";
import type { Slots } from "../../engine/slots.js";
import type { WorkItems } from "../../engine/work-items.js";
import { createFlowJobs, createFlows } from "../../queue/flow-jobs.js";
import { createNotifications } from "../../queue/producers.js";
import { createQueues, type Queues } from "../../queue/queues.js";
import { createBudgetStore } from "../../redis/budget-store.js";
import {
  connectRedis,
  type RedisConnection,
  RedisUnavailableError,
  untilReady,
} from "../../redis/connection.js";
import { createDependencyGraph } from "../../redis/dependency-graph.js";
import { createFlowStore } from "../../redis/flow-store.js";
import { queuePrefix } from "../../redis/keys.js";
import { createLockStore } from "../../redis/lock-store.js";
import { migrate } from "../../redis/migrate.js";
import { checkPolicy } from "../../redis/policy.js";
import { createSlotStore } from "../../redis/slot-store.js";
import { createWorkItemStore } from "../../redis/work-item-store.js";
import type { Logger } from "../../telemetry/logger.js";
import { type Observer, observed } from "./observed-items.js";

/** Everything that stands on Redis, over one connection. */
export interface Store {
  readonly redis: RedisConnection;
  readonly prefix: string;
  readonly queues: Queues;
  readonly items: WorkItems;
  readonly graph: DependencyGraph;
  readonly slots: Slots;
  readonly budgets: Budgets;
  readonly locks: Locks;
  readonly flows: Flows;
  readonly notifications: Notifications;
  close(): Promise<void>;
}

export interface StoreOptions {
  /**
   * `producer`: commands fail at once while Redis is away, so that a tracker can be told. `worker`:
   * they wait for it to come back, since work under way must not be lost over an outage.
   */
  readonly role: "producer" | "worker";
  readonly observe?: Observer;
  /** How long Redis is waited for, in ms; default 30 s. */
  readonly readyMs?: number;
  /** Opens even if Redis is away now: the caller bridges it. Default: that is an error. */
  readonly mayBeAway?: boolean;
  /** Commands fail when Redis hasn't answered after this, in ms; default: they wait. */
  readonly commandTimeoutMs?: number;
}

/** A Redis that answers no more fails a command in time for its sender to hear 503 within 2 s. */
export const RECEIVER_STORE: StoreOptions = {
  role: "producer",
  commandTimeoutMs: 1_500,
  // Webhooks come meanwhile, and there is a spool for them.
  readyMs: 2_000,
  mayBeAway: true,
};

/** Somebody waits at a terminal. */
export const COMMAND_STORE: StoreOptions = {
  role: "producer",
  commandTimeoutMs: 5_000,
  readyMs: 2_000,
};

const READY_MS = 30_000;

/** @throws RedisUnavailableError, EvictionPolicyError, NewerStateError */
export async function openStore(
  config: Config,
  url: string,
  log: Logger,
  { role, observe = () => {}, readyMs = READY_MS, commandTimeoutMs, mayBeAway }: StoreOptions,
): Promise<Store> {
  const prefix = config.environment.redisPrefix;
  const redis = connectRedis({
    url,
    role,
    log,
    ...(commandTimeoutMs === undefined ? {} : { commandTimeoutMs }),
  });
  const ready = untilReady(redis, readyMs, url);
  await (mayBeAway ? unlessAway(ready, log) : ready);
  const locks = createLockStore(redis, prefix);
  if (redis.status === "ready") {
    await checkPolicy(redis, log);
    await migrate(redis, prefix, locks, log);
  }
  const queues = createQueues(redis, queuePrefix(prefix));
  return {
    redis,
    prefix,
    queues,
    items: observed(createWorkItemStore(redis, prefix), observe),
    graph: createDependencyGraph(redis, prefix),
    slots: createSlotStore(redis, prefix, slotLimits(config.fleet)),
    budgets: createBudgetStore(redis, prefix, {
      fleet: config.settings.budget,
      projects: config.settings.projectBudgets,
    }),
    locks,
    flows: createFlows(queues, createFlowStore(redis, prefix, createFlowJobs(queues))),
    notifications: createNotifications(queues, {
      messenger: config.environment.telegramBotToken !== null,
    }),
    async close() {
      await queues.close();
      redis.disconnect();
    },
  };
}

async function unlessAway(ready: Promise<void>, log: Logger): Promise<void> {
  try {
    await ready;
  } catch (error) {
    if (!(error instanceof RedisUnavailableError)) throw error;
    log.warn(`${error.message}; until then webhooks are spooled`);
  }
}
