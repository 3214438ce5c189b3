import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { type GiteaDouble, startGiteaDouble } from "../src/demo/gitea-double.js";
import { branchHead, createDemoRemote } from "../src/demo/remote.js";
import type { Bench, Started } from "./case.js";
import { BOT, REPO, SECRET } from "./deliveries.js";

export interface WorkingFleet {
  readonly gitea: GiteaDouble;
  /** Of the receiver. */
  readonly url: string;
  /** For one more of its processes, or for whoever looks at its store. */
  env(name: string): Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export const PREFIX = "{fleet}";
const TOKEN = "gitea-token";
const SLOTS = 64;

/**
 * A receiver and a worker of every kind but agents, each a process, with a Gitea and a repository. An
 * item passes when its one agent has worked.
 * @param script of the scripted agents
 */
export async function openFleet(bench: Bench, script: string): Promise<WorkingFleet> {
  const { folder, redis } = bench;
  const remote = await createDemoRemote(join(folder, "rocket.git"), process.env.PATH);
  const gitea = await startGiteaDouble({
    token: TOKEN,
    bot: BOT,
    repos: [REPO],
    branchHead: (_repo, branch) => branchHead(remote, branch, process.env.PATH),
  });
  const file = join(folder, "stagecoach.yaml");
  await writeFile(file, stringify(fleetFile(remote, script)));
  const env: WorkingFleet["env"] = (name) => ({
    REDIS_URL: redis.url,
    REDIS_PREFIX: PREFIX,
    DATA_DIR: join(folder, name),
    STAGECOACH_CONFIG: file,
    PORT: "0",
    GITEA_URL: gitea.url,
    GITEA_TOKEN: TOKEN,
    GITEA_WEBHOOK_SECRET: SECRET,
    BOARD_PASSWORD: "a-password-for-the-board",
  });
  const receiver = await bench.start({
    path: "src/receiver.js",
    env: env("receiver"),
    ready: "receiver is up",
  });
  const url = String(receiver.said.url);
  for (const kind of ["parser", "stage", "notifier"]) await startWorker(bench, kind, env(kind));
  return {
    gitea,
    url,
    env,
    async close() {
      await gitea.stop();
    },
  };
}

function startWorker(
  bench: Bench,
  kind: string,
  env: Readonly<Record<string, string>>,
): Promise<Started> {
  return bench.start({ path: `workers/${kind}.js`, env, ready: `${kind} worker is up` });
}

function fleetFile(remote: string, script: string) {
  return {
    bot: BOT,
    approvers: ["mira"],
    parser: "rules",
    projects: [
      {
        name: "rocket",
        repo: REPO,
        remote,
        prefix: "ET",
        pipeline: "short",
        maxConcurrentRuns: SLOTS,
      },
    ],
    pipelines: { short: [{ stage: "development", agent: "developer" }] },
    agents: { default: { runner: "scripted", script } },
  };
}
