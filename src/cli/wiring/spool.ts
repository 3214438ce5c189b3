import { join } from "node:path";
import type { Config } from "../../config/load.js";
import { type OpenSpool, openDeliverySpool } from "../../spool/delivery-spool.js";
import type { Logger } from "../../telemetry/logger.js";
import { type IngestDeps, takeSpooled } from "../../webhooks/ingest.js";
import { type SpooledDelivery, StoreUnavailable } from "../../webhooks/ports.js";
import { tryLock } from "../../workspace/lock.js";

/** How often what waits is tried again, in ms. */
const TRY_EVERY_MS = 500;
/** How often it is looked for what others have left, in ms: on another host one is gone after a minute. */
const ADOPT_EVERY_MS = 30_000;

/** The receiver's spool below DATA_DIR; null where that can't be written, which is said loudly. */
export async function openSpool(
  { environment, settings }: Config,
  log: Logger,
): Promise<OpenSpool | null> {
  const folder = join(environment.dataDir, "spool");
  try {
    return await openDeliverySpool({ folder, maxBytes: settings.maxSpoolBytes, tryLock, log });
  } catch (error) {
    log.error({ err: error, folder }, "no spool: while Redis is away, webhooks are answered 503");
    return null;
  }
}

/** Brings spooled deliveries in as soon as the store takes them, until stopped. */
export function startDraining(spool: OpenSpool, deps: IngestDeps, log: Logger) {
  let draining: Promise<void> | null = null;
  const take = async (delivery: SpooledDelivery) => {
    try {
      const { kind } = await takeSpooled(deps, delivery);
      log.info(
        { source: delivery.source, at: delivery.at, outcome: kind },
        "spooled delivery taken",
      );
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      log.error({ err: error, headers: delivery.headers }, "a spooled delivery is left out");
    }
  };
  const drain = async () => {
    try {
      await spool.drain(take);
      log.info("the spool is drained");
    } catch (error) {
      if (!(error instanceof StoreUnavailable))
        log.error({ err: error }, "the spool can't be read");
    } finally {
      draining = null;
    }
  };
  const timer = setInterval(() => {
    if (spool.waiting() > 0) draining ??= drain();
  }, TRY_EVERY_MS);
  let adopting: Promise<void> | null = null;
  const adopt = async () => {
    try {
      await spool.adopt();
    } catch (error) {
      log.error({ err: error }, "what another receiver has spooled can't be taken over yet");
    } finally {
      adopting = null;
    }
  };
  const looking = setInterval(() => {
    adopting ??= adopt();
  }, ADOPT_EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      clearInterval(looking);
      await adopting;
      await draining;
    },
  };
}
