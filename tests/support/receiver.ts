import { once } from "node:events";
import { createServer } from "node:http";
import { Redis } from "ioredis";
import { Registry } from "prom-client";
import { type AppDeps, createApp } from "../../src/http/app.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { createMetrics } from "../../src/telemetry/metrics.js";
import type { IngestDeps } from "../../src/webhooks/ingest.js";
import type { DeliveryIntake } from "../../src/webhooks/ports.js";
import { rocketFleet } from "./rocket-fleet.js";
import { SECRETS } from "./signed-request.js";

/** Takes whatever comes, and knows none of it again. */
export const forgetfulIntake: DeliveryIntake = { take: async () => "new" };

export interface TestReceiver {
  readonly origin: string;
  readonly registry: Registry;
  close(): Promise<void>;
}

type Changes = Partial<IngestDeps> & { app?: Partial<AppDeps> };

/** A real receiver on an ephemeral port, with an `intake` to choose. */
export async function startReceiver(
  ingest: Pick<IngestDeps, "intake"> & Changes,
): Promise<TestReceiver> {
  const { app: appChanges, ...ingestChanges } = ingest;
  const registry = new Registry();
  const app = createApp({
    ingest: {
      fleet: rocketFleet(),
      secrets: { gitea: [SECRETS.gitea], plane: [SECRETS.plane] },
      allowUnsigned: false,
      clock: () => new Date(),
      ...ingestChanges,
    },
    health: { ready: async () => ({ ok: true }) },
    registry,
    metrics: createMetrics(registry),
    log: silentLogger(),
    ...appChanges,
  });
  const server = createServer(app.callback()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    registry,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** A connection that fails at once while Redis is away, as the receiver's own. */
export function connect(url: string): Redis {
  const redis = new Redis(url, { enableOfflineQueue: false, lazyConnect: true });
  // Without a listener a lost connection would be an uncaught error; the tests see it in answers.
  redis.on("error", (error) => void error);
  return redis;
}
