import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { type GiteaDouble, startGiteaDouble } from "../../src/demo/gitea-double.js";
import { branchHead, createDemoRemote } from "../../src/demo/remote.js";
import { connectRedis, type RedisConnection } from "../../src/redis/connection.js";
import type { EmbeddedRedis } from "../../src/redis/embedded-server.js";
import { itemKeys } from "../../src/redis/keys.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import type { Program, Started } from "../case.js";
import { residentBytes } from "../resident.js";
import type { Look } from "./verdict.js";

const REPO = "acme/rocket";
const BOT = "stagecoach-bot";
const SECRET = "a-secret-for-soaking";
const PREFIX = "{soak}";
const MINUTE_MS = 60_000;

export interface SoakedFleet {
  /** How long anything that ended is kept, in ms. */
  readonly retentionMs: number;
  /** Files the next issue for the bot, as people would. */
  fileIssue(): void;
  look(atMs: number): Promise<Look>;
  close(): Promise<void>;
}

export interface SoakParts {
  readonly folder: string;
  readonly redis: EmbeddedRedis;
  readonly start: (program: Program) => Promise<Started>;
}

/** A receiver and a worker of every kind, each a process, with a Gitea and a repository. */
export async function openSoakedFleet({ folder, redis, start }: SoakParts): Promise<SoakedFleet> {
  const remote = await createDemoRemote(join(folder, "rocket.git"), process.env.PATH);
  const gitea = await startGiteaDouble({
    token: "gitea-token",
    bot: BOT,
    repos: [REPO],
    branchHead: (_repo, branch) => branchHead(remote, branch, process.env.PATH),
  });
  const env = (name: string) => ({
    REDIS_URL: redis.url,
    REDIS_PREFIX: PREFIX,
    DATA_DIR: join(folder, name),
    STAGECOACH_CONFIG: join(folder, "stagecoach.yaml"),
    PORT: "0",
    GITEA_URL: gitea.url,
    GITEA_TOKEN: "gitea-token",
    GITEA_WEBHOOK_SECRET: SECRET,
    BOARD_PASSWORD: "a-password-for-the-board",
  });
  await writeFleet(folder, remote);
  const receiver = await start({
    path: "src/receiver.js",
    env: env("receiver"),
    ready: "receiver is up",
  });
  gitea.setHook({ url: `${receiver.said.url}/webhook/gitea`, secret: SECRET });
  const workers = ["parser", "stage", "agent", "notifier"] as const;
  const processes = new Map([["receiver", receiver]]);
  for (const name of workers) {
    const path = `workers/${name}.js`;
    processes.set(name, await start({ path, env: env(name), ready: `${name} worker is up` }));
  }
  const connection = connectRedis({ url: redis.url, role: "worker", log: silentLogger() });
  return {
    retentionMs: MINUTE_MS,
    fileIssue: issuesOf(gitea),
    look: (atMs) => look(connection, processes, atMs),
    async close() {
      gitea.setHook(null);
      connection.disconnect();
      await gitea.stop();
    },
  };
}

async function writeFleet(folder: string, remote: string): Promise<void> {
  const script = join(folder, "script");
  await mkdir(join(script, "developer", "1", "src"), { recursive: true });
  await writeFile(join(script, "developer", "1", "src", "__ITEM__.txt"), "work of __RUN__\n");
  const file = {
    bot: BOT,
    approvers: ["alice"],
    parser: "rules",
    projects: [{ name: "rocket", repo: REPO, remote, prefix: "ET", pipeline: "short" }],
    pipelines: { short: [{ stage: "development", agent: "developer" }] },
    agents: { default: { runner: "scripted", script } },
    retention: { deliveries: "1m", bodies: "1m", doneItems: "1m", checkouts: "1m" },
  };
  await writeFile(join(folder, "stagecoach.yaml"), stringify(file));
}

/**
 * Every fourth issue waits for the one before it, every fifth is talked about, every seventh is edited,
 * every ninth closed before it is done, for which nobody waits: that would be for ever.
 */
function issuesOf(gitea: GiteaDouble): () => void {
  let last = 0;
  return () => {
    const body = last % 4 === 3 && last % 9 !== 0 ? `Blocked by: #${last}` : "";
    const { number } = gitea.addIssue({
      repo: REPO,
      title: `Count ${last}`,
      body,
      assignees: [BOT],
    });
    if (number % 5 === 0) gitea.humanComment(REPO, number, "bob", "Looking forward to this one.");
    if (number % 7 === 0) gitea.edit(REPO, number, { title: `Count ${last} frames` });
    if (number % 9 === 0) gitea.close(REPO, number);
    last = number;
  };
}

async function look(
  redis: RedisConnection,
  processes: ReadonlyMap<string, Started>,
  atMs: number,
): Promise<Look> {
  const [memory, kept, latest] = await Promise.all([
    redis.info("memory"),
    redis.zcard(itemKeys(PREFIX).items),
    redis.get(itemKeys(PREFIX).counter("ET")),
  ]);
  const used = Number(/^used_memory:(\d+)/m.exec(memory)?.[1]);
  const resident = [...processes].map(([name, { pid }]) => [name, residentBytes(pid)] as const);
  return {
    atMs,
    removed: Number(latest ?? 0) - kept,
    kept,
    bytes: { redis: used, ...Object.fromEntries(resident) },
  };
}
