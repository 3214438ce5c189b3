import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { coreOf } from "../../src/cli/wiring/core.js";
import { type Receiver, startReceiver } from "../../src/cli/wiring/receiver.js";
import { openStore, RECEIVER_STORE, type Store } from "../../src/cli/wiring/store.js";
import { loadConfig } from "../../src/config/load.js";
import type { ServerLimits } from "../../src/http/server.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { createdItem } from "./new-item.js";
import { basic, VIEWER } from "./operator-app.js";
import { startRedis, uniquePrefix } from "./redis.js";
import { PLANE_PROJECT } from "./rocket-fleet.js";
import { BOARD_PASSWORD, removeKeys } from "./running-fleet.js";
import { SECRETS } from "./signed-request.js";

export interface AbusedReceiver {
  readonly receiver: Receiver;
  readonly store: Store;
  /** The id of an item stored there. */
  readonly item: string;
  close(): Promise<void>;
}

/** The receiver as its process starts it, for the fleet of the sample requests; no worker runs. */
export async function startAbusedReceiver(
  limits: Partial<ServerLimits> = {},
): Promise<AbusedReceiver> {
  const redis = await startRedis();
  const folder = await mkdtemp(join(tmpdir(), "stagecoach-abused-"));
  await mkdir(join(folder, "data"));
  const configPath = join(folder, "stagecoach.yaml");
  await writeFile(configPath, stringify(FLEET_FILE));
  const env = {
    PATH: process.env.PATH,
    HOST: "127.0.0.1",
    PORT: "0",
    REDIS_URL: redis.url,
    REDIS_PREFIX: uniquePrefix(),
    DATA_DIR: join(folder, "data"),
    GITEA_URL: "http://127.0.0.1:9",
    GITEA_TOKEN: "gitea-token",
    GITEA_WEBHOOK_SECRET: SECRETS.gitea,
    PLANE_URL: "http://127.0.0.1:9",
    PLANE_API_KEY: "plane-key",
    PLANE_WEBHOOK_SECRET: SECRETS.plane,
    BOARD_USERNAME: "admin",
    BOARD_PASSWORD,
    BOARD_VIEWER_USERNAME: VIEWER.username,
    BOARD_VIEWER_PASSWORD: VIEWER.password,
  };
  const config = loadConfig({ env, cwd: folder, configPath, needs: "intake" });
  const store = await openStore(config, redis.url, silentLogger(), RECEIVER_STORE);
  const receiver = await startReceiver(config, store, silentLogger(), { limits });
  const item = await createdItem(coreOf(config, store, silentLogger()), 1);
  return {
    receiver,
    store,
    item,
    async close() {
      await receiver.close();
      await removeKeys(store);
      await store.close();
      await redis.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const AS_ADMIN = basic({ username: "admin", password: BOARD_PASSWORD });
export const AS_VIEWER = basic(VIEWER);

const FLEET_FILE = {
  bot: "devbot",
  approvers: ["mira"],
  parser: "rules",
  projects: [
    {
      name: "rocket",
      repo: "acme/rocket",
      prefix: "ET",
      plane: { workspace: "acme", project: PLANE_PROJECT },
    },
  ],
  gates: { "tests-local": { command: ["true"], timeoutMinutes: 1 } },
  agents: { default: { runner: "scripted", script: "unused" } },
};
