import { join } from "node:path";
import type { Bench, Started } from "./case.js";
import { BOT, REPO, SECRET } from "./deliveries.js";
import { writeFleetFile } from "./fleet-file.js";

/** The receiver alone, as a process; nobody takes what it queues. */
export async function startReceiver({ start, redis, folder }: Bench): Promise<Started> {
  return start({
    path: "src/receiver.js",
    env: {
      REDIS_URL: redis.url,
      STAGECOACH_CONFIG: await writeFleetFile(folder, { bot: BOT, repo: REPO }),
      DATA_DIR: join(folder, "data"),
      PORT: "0",
      GITEA_URL: "http://127.0.0.1:9",
      GITEA_TOKEN: "gitea-token",
      GITEA_WEBHOOK_SECRET: SECRET,
      BOARD_PASSWORD: "a-password-for-the-board",
    },
    ready: "receiver is up",
  });
}
