import { mkdir, writeFile } from "node:fs/promises";
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
  /** Those that run, by their kinds. */
  readonly processes: ReadonlyMap<string, Started>;
  /** For one more of its processes, or for whoever looks at its store. */
  env(name: string): Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export const PREFIX = "{fleet}";
const TOKEN = "gitea-token";
const SLOTS = 64;

type Place = Pick<Bench, "folder" | "redis" | "start">;

export interface FleetSettings {
  /** Agents at once; default 64. */
  readonly slots?: number;
  readonly retention?: Readonly<Record<string, string>>;
}

/**
 * A receiver and a worker of every kind but agents, each a process, with a Gitea and a repository. An
 * item passes when its one agent has worked.
 * @param script of the scripted agents
 */
export async function openFleet(
  place: Place,
  script: string,
  settings: FleetSettings = {},
): Promise<WorkingFleet> {
  const { folder, redis, start } = place;
  const remote = await createDemoRemote(join(folder, "rocket.git"), process.env.PATH);
  const gitea = await startGiteaDouble({
    token: TOKEN,
    bot: BOT,
    repos: [REPO],
    branchHead: (_repo, branch) => branchHead(remote, branch, process.env.PATH),
  });
  const file = join(folder, "stagecoach.yaml");
  await writeFile(file, stringify(fleetFile(remote, script, settings)));
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
  const receiver = await start({
    path: "src/receiver.js",
    env: env("receiver"),
    ready: "receiver is up",
  });
  const url = String(receiver.said.url);
  const processes = new Map([["receiver", receiver]]);
  for (const kind of ["parser", "stage", "notifier"]) {
    processes.set(kind, await startWorker(place, kind, env(kind)));
  }
  return {
    gitea,
    url,
    processes,
    env,
    async close() {
      await gitea.stop();
    },
  };
}

export function startWorker(
  { start }: Pick<Bench, "start">,
  kind: string,
  env: Readonly<Record<string, string>>,
): Promise<Started> {
  return start({ path: `workers/${kind}.js`, env, ready: `${kind} worker is up` });
}

/** Scripted agents whose developer writes one file and ends. */
export async function quickScript(folder: string): Promise<string> {
  const step = join(folder, "script", "developer", "1", "src");
  await mkdir(step, { recursive: true });
  await writeFile(join(step, "__ITEM__.txt"), "work of __RUN__\n");
  return join(folder, "script");
}

function fleetFile(remote: string, script: string, { slots = SLOTS, retention }: FleetSettings) {
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
        maxConcurrentRuns: slots,
      },
    ],
    pipelines: { short: [{ stage: "development", agent: "developer" }] },
    agents: { default: { runner: "scripted", script } },
    ...(retention === undefined ? {} : { retention }),
  };
}
