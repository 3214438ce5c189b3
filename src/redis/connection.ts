import { Cluster, type ClusterOptions, Redis, type RedisOptions } from "ioredis";
import type { Logger } from "../telemetry/logger.js";
import { parseRedisAddress, type RedisAddress, redactUrl } from "./address.js";

export type RedisConnection = Redis | Cluster;

export interface ConnectOptions {
  readonly url: string;
  /**
   * `producer`: a command fails at once while Redis is away, so that its caller can spool or refuse.
   * `worker`: commands wait for Redis to come back, since a worker has nothing better to do.
   */
  readonly role: "producer" | "worker";
  readonly log: Logger;
  /** A producer's command that isn't answered within this time fails, though it may have been done. */
  readonly commandTimeoutMs?: number;
}

const LONGEST_PAUSE_MS = 2_000;

/**
 * Starts connecting, and goes on doing so until `quit` or `disconnect`. Errors are logged once for
 * each outage, without the password.
 * @throws RedisAddressError
 */
export function connectRedis(options: ConnectOptions): RedisConnection {
  const address = parseRedisAddress(options.url);
  const connection =
    address.kind === "cluster"
      ? connectCluster(address, options)
      : new Redis(address.url, nodeOptions(options));
  reportOutages(connection, options);
  return connection;
}

/**
 * Resolves when commands are accepted.
 * @throws RedisUnavailableError after `timeoutMs`; the connection goes on trying
 */
export async function untilReady(
  connection: RedisConnection,
  timeoutMs: number,
  url: string,
): Promise<void> {
  if (connection.status === "ready") return;
  await new Promise<void>((resolve, reject) => {
    let last = "no answer";
    const onError = (error: Error) => {
      last = describeError(error, url);
    };
    const finish = (end: () => void) => {
      clearTimeout(timer);
      connection.off("ready", onReady);
      connection.off("error", onError);
      end();
    };
    const onReady = () => finish(resolve);
    const timer = setTimeout(
      () => finish(() => reject(new RedisUnavailableError(redactUrl(url), last))),
      timeoutMs,
    );
    connection.on("ready", onReady);
    connection.on("error", onError);
  });
}

/** Redis didn't become ready in time. */
export class RedisUnavailableError extends Error {
  readonly code = "redis-unavailable";

  constructor(redactedUrl: string, why: string) {
    super(`Redis at ${redactedUrl} can't be reached (${why}); check REDIS_URL and that it runs`);
    this.name = "RedisUnavailableError";
  }
}

function connectCluster(address: RedisAddress & { kind: "cluster" }, options: ConnectOptions) {
  const { maxRetriesPerRequest, enableOfflineQueue, ...node } = nodeOptions(options);
  const redisOptions: ClusterOptions["redisOptions"] = {
    ...node,
    maxRetriesPerRequest: maxRetriesPerRequest ?? null,
    ...(address.username === undefined ? {} : { username: address.username }),
    ...(address.password === undefined ? {} : { password: address.password }),
    ...(address.tls ? { tls: {} } : {}),
  };
  return new Cluster([...address.nodes], {
    clusterRetryStrategy: pauseBefore,
    enableOfflineQueue: enableOfflineQueue ?? true,
    redisOptions,
  });
}

function nodeOptions(options: ConnectOptions): RedisOptions {
  const shared: RedisOptions = {
    retryStrategy: pauseBefore,
    reconnectOnError: reconnectsOn,
    keepAlive: 10_000,
    connectTimeout: 5_000,
  };
  if (options.role === "worker") return { ...shared, maxRetriesPerRequest: null };
  return {
    ...shared,
    enableOfflineQueue: false,
    // One reconnect resends what a cut interrupted; what then is still open fails.
    maxRetriesPerRequest: 1,
    ...(options.commandTimeoutMs === undefined ? {} : { commandTimeout: options.commandTimeoutMs }),
  };
}

/** Milliseconds before the next try to connect. */
function pauseBefore(times: number): number {
  return Math.min(50 * 2 ** Math.min(times, 10), LONGEST_PAUSE_MS);
}

/** After a failover the old primary answers READONLY: a new connection finds the new one. */
function reconnectsOn(error: Error): boolean {
  return error.message.startsWith("READONLY");
}

function reportOutages(connection: RedisConnection, { url, log }: ConnectOptions): void {
  const redis = redactUrl(url);
  let away = false;
  connection.on("error", (error: Error) => {
    if (!away) log.warn({ redis, error: describeError(error, url) }, "Redis can't be reached");
    away = true;
  });
  connection.on("ready", () => {
    if (away) log.info({ redis }, "Redis is back");
    away = false;
  });
}

/** An error's text, also where Node hides it in an aggregate, never with the password. */
function describeError(error: Error, url: string): string {
  const inner = error instanceof AggregateError ? error.errors.map(String).join("; ") : "";
  const text = error.message || inner || error.name;
  const password = /:\/\/[^/]*?:(.+)@/s.exec(url)?.[1];
  return password === undefined ? text : text.replaceAll(password, "***");
}
