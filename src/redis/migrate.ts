import { setTimeout as pause } from "node:timers/promises";
import type { Locks } from "../engine/locks.js";
import type { Logger } from "../telemetry/logger.js";
import type { RedisConnection } from "./connection.js";
import { itemKeys, schemaKey } from "./keys.js";
import type { Migration } from "./migration.js";
import { packedEdges } from "./packed-edges.js";
import { withoutBranchIndex } from "./without-branch-index.js";

/** In ascending order. What a release changes in stored state goes here, a file each. */
export const MIGRATIONS: readonly Migration[] = [withoutBranchIndex, packedEdges];

/** The version of a store that was written before versions were, and of a new one without migrations. */
const FIRST = 1;
/** A migration's worker that died lets go after this, in ms. */
const LOCK_MS = 10 * 60_000;
const LOOK_MS = 250;

/** The store is of a later release. */
export class NewerStateError extends Error {
  readonly code = "newer-state";

  constructor(stored: number, known: number) {
    super(
      `Redis holds state of version ${stored}, and this release knows ${known}: start the newer release again, or go back to a copy of Redis from before the upgrade (docs/upgrading.md)`,
    );
    this.name = "NewerStateError";
  }
}

/**
 * Brings stored state to the version that this release knows. One process does it, the others wait
 * for it; doing it again changes nothing.
 * @throws NewerStateError
 */
export async function migrate(
  redis: RedisConnection,
  prefix: string,
  locks: Locks,
  log: Logger,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const known = migrations.at(-1)?.to ?? FIRST;
  for (;;) {
    const stored = await versionOf(redis, prefix, known);
    if (stored > known) throw new NewerStateError(stored, known);
    if (stored === known) return;
    const unlock = await locks.take("migration", LOCK_MS);
    if (unlock === null) {
      await pause(LOOK_MS);
      continue;
    }
    try {
      await runAll(redis, prefix, log, migrations);
    } finally {
      await unlock();
    }
  }
}

/** What is stored now: whoever held the lock before may have done some of it. */
async function runAll(
  redis: RedisConnection,
  prefix: string,
  log: Logger,
  migrations: readonly Migration[],
): Promise<void> {
  for (const migration of migrations) {
    const stored = Number(await redis.get(schemaKey(prefix)));
    if (migration.to <= stored) continue;
    log.info({ from: stored, to: migration.to }, `stored state: ${migration.name}`);
    await migration.run(redis, prefix);
    await redis.set(schemaKey(prefix), migration.to);
  }
}

/** A new store is of the version this release knows; one with items and no version is of the first. */
async function versionOf(redis: RedisConnection, prefix: string, known: number): Promise<number> {
  const stored = await redis.get(schemaKey(prefix));
  if (stored !== null) return Number(stored);
  const used = (await redis.exists(itemKeys(prefix).items)) > 0;
  await redis.set(schemaKey(prefix), used ? FIRST : known, "NX");
  return Number(await redis.get(schemaKey(prefix)));
}
