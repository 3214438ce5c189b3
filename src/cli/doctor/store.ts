import { QUEUE_NAMES } from "../../queue/catalog.js";
import { createQueues } from "../../queue/queues.js";
import { connectRedis, untilReady } from "../../redis/connection.js";
import { findNativeServer } from "../../redis/embedded-native.js";
import { findEmbeddedRedis } from "../../redis/find-embedded.js";
import { inspectRedis, type RedisSeen } from "../../redis/inspect.js";
import { queuePrefix } from "../../redis/keys.js";
import { silentLogger } from "../../telemetry/logger.js";
import { type Check, type Finding, fail, ok, once, warn, wordsOf } from "./check.js";
import { clockFinding } from "./clock.js";
import type { Patient } from "./patient.js";

/** BullMQ refuses what is older. */
const OLDEST = [5, 0] as const;
/** BullMQ warns of what is older, and nothing older is tested. */
const TESTED = [6, 2] as const;

/** Redis, and whether workers take its jobs. */
export function storeChecks(patient: Patient): readonly Check[] {
  const { environment } = patient;
  if (environment === null) return [];
  const found = once(() => urlOf(environment));
  const look = once(async () => {
    const url = await found();
    return url === null ? null : lookAt(patient, url);
  });
  return [
    {
      name: "Redis",
      look: async () => {
        const seen = await look();
        if (seen === null) return [await noneYet()];
        return "refusal" in seen ? [seen.refusal] : findingsOf(seen);
      },
    },
    {
      name: "workers",
      look: async () => {
        const [url, seen] = await Promise.all([found(), look()]);
        if (url === null || seen === null) return [NO_WORKERS];
        // BullMQ itself complains of such a server, into the midst of what is printed here.
        if ("refusal" in seen || !isSound(seen)) return [NOT_COUNTED];
        return [await workersOf(patient, url)];
      },
    },
  ];
}

async function urlOf({ redisUrl, dataDir }: { redisUrl: string | null; dataDir: string }) {
  return redisUrl ?? (await findEmbeddedRedis(dataDir));
}

async function noneYet(): Promise<Finding> {
  const native = await findNativeServer();
  if (native !== null) return ok(`REDIS_URL is not set: \`start\` runs ${native.path} itself`);
  return warn(
    "REDIS_URL is not set and there is no redis-server: `start` keeps everything in memory alone",
    "install redis-server or valkey-server, or set REDIS_URL",
  );
}

async function lookAt(
  { callMs, clock }: Patient,
  url: string,
): Promise<RedisSeen | { readonly refusal: Finding }> {
  try {
    return await inspectRedis(url, { timeoutMs: callMs, clock });
  } catch (error) {
    const mend = "start it, or correct REDIS_URL; behind TLS it begins with rediss://";
    return { refusal: fail(wordsOf(error), mend) };
  }
}

function findingsOf(seen: RedisSeen): readonly Finding[] {
  const clock = clockFinding("Redis's", seen.aheadMs);
  return [versionOf(seen), policyOf(seen), persistenceOf(seen), clock];
}

function isSound(seen: RedisSeen): boolean {
  return [versionOf(seen), policyOf(seen)].every(({ level }) => level === "ok");
}

function versionOf({ version }: RedisSeen): Finding {
  if (version === null) {
    return warn("it doesn't tell its version", `make sure that it is ${TESTED.join(".")} or newer`);
  }
  const mend = `upgrade it to ${TESTED.join(".")} or newer`;
  if (isOlder(version, OLDEST)) return fail(`version ${version} is too old for BullMQ`, mend);
  if (isOlder(version, TESTED)) return warn(`version ${version} is old and not tested`, mend);
  return ok(`version ${version}`);
}

function isOlder(version: string, [major, minor]: readonly [number, number]): boolean {
  const [itsMajor = 0, itsMinor = 0] = version.split(".").map(Number);
  return itsMajor < major || (itsMajor === major && itsMinor < minor);
}

function policyOf({ policy }: RedisSeen): Finding {
  const mend = "CONFIG SET maxmemory-policy noeviction, and the same in redis.conf";
  if (policy === null) return warn("it doesn't tell its maxmemory-policy", mend);
  if (policy === "noeviction") return ok("maxmemory-policy noeviction");
  return fail(`maxmemory-policy ${policy}: short of memory it would drop queued work`, mend);
}

function persistenceOf({ appendOnly, snapshots }: RedisSeen): Finding {
  const mend = "CONFIG SET appendonly yes, and the same in redis.conf";
  if (appendOnly === true) return ok("append-only");
  if (appendOnly === null) return warn("it doesn't tell whether it is append-only", mend);
  if (snapshots === true) {
    return warn("it keeps snapshots alone: a crash loses the minutes since the last", mend);
  }
  return fail("no persistence: nothing outlives its restart", mend);
}

const NO_WORKERS = warn(
  "no fleet runs",
  "`stagecoach start`, or `stagecoach receiver` and `stagecoach worker <kind>`",
);

const NOT_COUNTED = warn("they can't be counted", "mend Redis first");

async function workersOf({ environment, callMs }: Patient, url: string): Promise<Finding> {
  const log = silentLogger();
  const redis = connectRedis({ url, role: "producer", log, commandTimeoutMs: callMs });
  try {
    await untilReady(redis, callMs, url);
    const queues = createQueues(redis, queuePrefix(environment?.redisPrefix ?? ""));
    try {
      const counts = await Promise.all(
        QUEUE_NAMES.map(async (name) => ({
          name,
          count: await queues.get(name).getWorkersCount(),
        })),
      );
      const missing = counts.filter(({ count }) => count === 0).map(({ name }) => name);
      return missingWorkers(missing);
    } finally {
      await queues.close();
    }
  } catch (error) {
    return warn(`they can't be counted (${wordsOf(error)})`, "mend Redis first");
  } finally {
    redis.disconnect();
  }
}

function missingWorkers(missing: readonly string[]): Finding {
  if (missing.length === 0) return ok("each queue has a worker");
  if (missing.length === QUEUE_NAMES.length) return NO_WORKERS;
  return warn(
    `nobody takes the jobs of ${missing.join(", ")}`,
    "start the missing kinds: `stagecoach worker parser`, `stage`, `agent`, `notifier`",
  );
}
