import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Bench, BenchCase, Measured, Started } from "./case.js";
import { BOT, REPO, SECRET } from "./deliveries.js";
import { writeFleetFile } from "./fleet-file.js";
import { residentBytes } from "./resident.js";

const MB = 1024 * 1024;
/** What is loaded at start is let go of, and what runs at start has run. */
const SETTLED_MS = 10_000;

/** `npm start` as a process of its own, with the Redis it brings along. */
export const start: BenchCase = {
  name: "start",
  async measure(bench) {
    const values: number[] = [];
    for (let round = 0; round < (bench.quick ? 3 : 7); round += 1) {
      const from = performance.now();
      const everything = await startEverything(bench, round);
      values.push(performance.now() - from);
      await everything.stop();
    }
    return [
      {
        what: "everything in one process, from its start to ready",
        goal: { kind: "at most", value: 2_000, unit: "ms" },
        values,
        detail: "its own Redis included",
      },
    ];
  },
};

/** Its memory when nothing has happened for a while; Redis is another process. */
export const idle: BenchCase = {
  name: "idle",
  measure,
};

async function measure(bench: Bench): Promise<readonly Measured[]> {
  const values: number[] = [];
  for (let round = 0; round < (bench.quick ? 1 : 3); round += 1) {
    const everything = await startEverything(bench, round);
    await pause(SETTLED_MS);
    values.push(residentBytes(everything.pid) / MB);
    await everything.stop();
  }
  return [
    {
      what: "everything in one process, idle: resident memory",
      goal: { kind: "at most", value: 150, unit: "MB" },
      values,
      detail: "receiver, pages and all workers; without Redis",
    },
  ];
}

async function startEverything(bench: Bench, round: number): Promise<Started> {
  return bench.start({
    path: "src/cli/main.js",
    args: ["start"],
    env: {
      STAGECOACH_CONFIG: await writeFleetFile(bench.folder, { bot: BOT, repo: REPO }),
      DATA_DIR: join(bench.folder, `data-${round}`),
      PORT: "0",
      // Nobody listens there: what a tracker would be asked at start fails at once.
      GITEA_URL: "http://127.0.0.1:9",
      GITEA_TOKEN: "gitea-token",
      GITEA_WEBHOOK_SECRET: SECRET,
      BOARD_PASSWORD: "a-password-for-the-board",
    },
    ready: "stagecoach is up",
  });
}
