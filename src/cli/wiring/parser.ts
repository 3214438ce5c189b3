import type { Config } from "../../config/load.js";
import type { OutboxDeps } from "../../engine/outbox.js";
import type { IntakeDeps } from "../../intake/deps.js";
import { takeIn } from "../../intake/intake.js";
import { cachedParser } from "../../intake/metadata/cached.js";
import { combinedParser } from "../../intake/metadata/combined.js";
import type { MetadataParser } from "../../intake/metadata/parser.js";
import { rulesParser } from "../../intake/metadata/rules.js";
import { deliveryJobId } from "../../queue/producers.js";
import { type RunningWorker, startWorker, type WorkerContext } from "../../queue/worker.js";
import { createDeliveryLedger } from "../../redis/delivery-ledger.js";
import { createEndingStore } from "../../redis/ending-store.js";
import { redisMetadataCache } from "../../redis/metadata-cache.js";
import { createRefusalStore } from "../../redis/refusal-store.js";
import type { Logger } from "../../telemetry/logger.js";
import type { Store } from "./store.js";
import type { Outside } from "./trackers.js";

const CONCURRENCY = 8;

/** Reads deliveries: queue `deliveries`. */
export async function startParser(
  context: WorkerContext,
  parts: { config: Config; store: Store; core: OutboxDeps; outside: Outside },
  concurrency = CONCURRENCY,
): Promise<RunningWorker[]> {
  const { config, store, core, outside } = parts;
  const ledger = createDeliveryLedger(store.redis, store.prefix);
  const parser = await createParser(config, store, context.log);
  const deps: IntakeDeps = {
    ...core,
    refusals: createRefusalStore(store.redis, store.prefix),
    endings: createEndingStore(store.redis, store.prefix),
    locks: store.locks,
    tracker: outside.tracker,
    forgeOf: outside.forgeOf,
    parseMetadata: (text, about) => parser.parse(text, about),
    bodyOf: ledger.body,
  };
  return [
    startWorker(context, {
      name: "deliveries",
      concurrency,
      idOf: ({ fingerprint, replay }) => deliveryJobId(fingerprint, replay),
      process: (delivery) => takeIn(deps, delivery),
    }),
  ];
}

/** The SDK is loaded where it is used: it is a quarter of all that would be loaded at start. */
async function createParser(
  { settings, environment, fleet }: Config,
  store: Store,
  log: Logger,
): Promise<MetadataParser> {
  const apiKey = environment.anthropicApiKey;
  if (settings.parser === "rules" || apiKey === null) return rulesParser();
  const { anthropicParser, createAnthropicClient } = await import(
    "../../intake/metadata/anthropic.js"
  );
  const model = fleet.models[settings.parserModel]?.id ?? settings.parserModel;
  const client = createAnthropicClient({
    apiKey,
    baseURL: environment.anthropicBaseUrl ?? undefined,
  });
  const asked = cachedParser(anthropicParser(client, { model }), {
    cache: redisMetadataCache(store.redis, store.prefix),
    model,
    onCacheError: (err) => log.warn({ err }, "the metadata cache does not answer"),
  });
  return combinedParser(asked, (err) =>
    log.warn({ err }, "no answer from the model; rules stand alone"),
  );
}
