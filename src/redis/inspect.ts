import { Cluster, type Redis } from "ioredis";
import { silentLogger } from "../telemetry/logger.js";
import { connectRedis, type RedisConnection, untilReady } from "./connection.js";
import { permitted, policyOf } from "./policy.js";

/** What a server says of itself. Null: it doesn't say, as managed ones do. */
export interface RedisSeen {
  /** As Redis counts, also of a Valkey. */
  readonly version: string | null;
  /** Of the first server that evicts, else the first's. */
  readonly policy: string | null;
  readonly appendOnly: boolean | null;
  readonly snapshots: boolean | null;
  /** How far its clock is ahead of ours, in ms. */
  readonly aheadMs: number;
}

/**
 * Asks once, every primary of a Cluster for its policy, and lets go.
 * @throws RedisUnavailableError, RedisAddressError, or what the server answers
 */
export async function inspectRedis(
  url: string,
  { timeoutMs, clock }: { readonly timeoutMs: number; readonly clock: () => number },
): Promise<RedisSeen> {
  const log = silentLogger();
  const connection = connectRedis({ url, role: "producer", log, commandTimeoutMs: timeoutMs });
  try {
    await untilReady(connection, timeoutMs, url);
    return await look(connection, clock);
  } finally {
    connection.disconnect();
  }
}

async function look(connection: RedisConnection, clock: () => number): Promise<RedisSeen> {
  const nodes = connection instanceof Cluster ? connection.nodes("master") : [connection];
  const [first] = nodes;
  if (first === undefined) throw new Error("the cluster names no primary");
  const before = clock();
  const [seconds = 0, micros = 0] = (await first.time()).map(Number);
  const between = (before + clock()) / 2;
  const [policies, server, persistence, save] = await Promise.all([
    Promise.all(nodes.map(policyOf)),
    permitted(first.info("server")),
    permitted(first.info("persistence")),
    saveOf(first),
  ]);
  const appendOnly = fieldOf(persistence, "aof_enabled");
  return {
    version: fieldOf(server, "redis_version"),
    policy:
      policies.find((policy) => policy !== null && policy !== "noeviction") ?? policies[0] ?? null,
    appendOnly: appendOnly === null ? null : appendOnly === "1",
    snapshots: save === null ? null : save !== "",
    aheadMs: Math.round(seconds * 1_000 + micros / 1_000 - between),
  };
}

async function saveOf(node: Redis): Promise<string | null> {
  const answer = await permitted(node.config("GET", "save"));
  return Array.isArray(answer) && typeof answer[1] === "string" ? answer[1] : null;
}

function fieldOf(info: unknown, name: string): string | null {
  if (typeof info !== "string") return null;
  const line = info.split(/\r?\n/).find((one) => one.startsWith(`${name}:`));
  return line?.slice(name.length + 1) ?? null;
}
