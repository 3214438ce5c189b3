import { Cluster, type Redis } from "ioredis";
import type { Logger } from "../telemetry/logger.js";
import type { RedisConnection } from "./connection.js";

/** Redis would throw away jobs and work items when memory runs short. */
export class EvictionPolicyError extends Error {
  readonly code = "redis-evicts";
  readonly policy: string;

  constructor(policy: string) {
    super(
      `Redis has maxmemory-policy ${policy} and would drop queued work; set it to noeviction (CONFIG SET maxmemory-policy noeviction, and in redis.conf)`,
    );
    this.name = "EvictionPolicyError";
    this.policy = policy;
  }
}

/**
 * Refuses a Redis that evicts; asks every primary of a Cluster. Managed servers may forbid the
 * question: that is warned of, and the answer is `unknown`.
 * @throws EvictionPolicyError
 */
export async function checkPolicy(
  connection: RedisConnection,
  log: Logger,
): Promise<"noeviction" | "unknown"> {
  const nodes = connection instanceof Cluster ? connection.nodes("master") : [connection];
  const policies = await Promise.all(nodes.map(policyOf));
  const evicting = policies.find((policy) => policy !== null && policy !== "noeviction");
  if (evicting !== undefined && evicting !== null) throw new EvictionPolicyError(evicting);
  if (policies.length > 0 && policies.every((policy) => policy !== null)) return "noeviction";
  log.warn("Redis doesn't tell its maxmemory-policy; make sure that it is noeviction");
  return "unknown";
}

/** Null: the server doesn't say. */
export async function policyOf(node: Redis): Promise<string | null> {
  const answer = await permitted(node.config("GET", "maxmemory-policy"));
  if (Array.isArray(answer) && typeof answer[1] === "string") return answer[1];
  const memory = await permitted(node.info("memory"));
  const stated = typeof memory === "string" ? /^maxmemory_policy:(\S+)/m.exec(memory) : null;
  return stated?.[1] ?? null;
}

/** Null where the server refuses the command; lost connections are still faults. */
export async function permitted(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && error.name === "ReplyError") return null;
    throw error;
  }
}
