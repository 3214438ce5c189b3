import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { RawEnvironment } from "../config/variables.js";
import { type GiteaDouble, startGiteaDouble } from "./gitea-double.js";
import { type PlaneDouble, startPlaneDouble } from "./plane-double.js";
import { branchHead, createDemoRemote } from "./remote.js";

export const REPO = "acme/rocket";
export const BOT = "stagecoach-bot";
export const APPROVER = "alice";

/** Everything outside of the fleet: a git remote and two trackers, gone with `remove`. */
export interface World {
  readonly gitea: GiteaDouble;
  readonly plane: PlaneDouble;
  /** UUID. */
  readonly planeProject: string;
  /** Path of the fleet's file. */
  readonly configPath: string;
  /** The environment the fleet is started with. */
  readonly environment: RawEnvironment;
  /** Sends the trackers' webhooks to a receiver. */
  hookTo(url: string): void;
  remove(): Promise<void>;
}

/** @param agents folder the scripted agents play from; @param base the process's environment */
export async function createWorld(agents: string, base: RawEnvironment): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "stagecoach-demo-"));
  const remote = await createDemoRemote(join(folder, "rocket.git"), base.PATH);
  const planeProject = randomUUID();
  const secrets = { giteaToken: secret(), planeKey: secret(), gitea: secret(), plane: secret() };
  const gitea = await startGiteaDouble({
    token: secrets.giteaToken,
    bot: BOT,
    repos: [REPO],
    branchHead: (_repo, branch) => branchHead(remote, branch, base.PATH),
  });
  const plane = await startPlaneDouble({
    apiKey: secrets.planeKey,
    bot: BOT,
    workspace: "acme",
    projects: [planeProject],
  });
  const configPath = join(folder, "stagecoach.yaml");
  await writeFile(configPath, stringify(fleetFile(remote, planeProject, agents)));
  await mkdir(join(folder, "data"));
  return {
    gitea,
    plane,
    planeProject,
    configPath,
    environment: {
      PATH: base.PATH,
      LANG: base.LANG,
      HOST: "127.0.0.1",
      PORT: "0",
      DATA_DIR: join(folder, "data"),
      LOG_LEVEL: base.LOG_LEVEL ?? "error",
      GITEA_URL: gitea.url,
      GITEA_TOKEN: secrets.giteaToken,
      GITEA_WEBHOOK_SECRET: secrets.gitea,
      PLANE_URL: plane.url,
      PLANE_API_KEY: secrets.planeKey,
      PLANE_WEBHOOK_SECRET: secrets.plane,
    },
    hookTo(url) {
      gitea.setHook({ url: `${url}/webhook/gitea`, secret: secrets.gitea });
      plane.setHook({ url: `${url}/webhook/plane`, secret: secrets.plane });
    },
    async remove() {
      await Promise.all([gitea.stop(), plane.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function fleetFile(remote: string, planeProject: string, agents: string): unknown {
  return {
    bot: BOT,
    approvers: [APPROVER, `${APPROVER}@people.example`],
    parser: "rules",
    projects: [
      {
        name: "rocket",
        repo: REPO,
        remote,
        plane: { workspace: "acme", project: planeProject, start: "created" },
        pipeline: "full",
        maxConcurrentRuns: 2,
      },
    ],
    gates: { "tests-local": { command: ["node", "check.mjs"], timeoutMinutes: 1 } },
    agents: { default: { runner: "scripted", script: agents }, deployer: {} },
  };
}

function secret(): string {
  return randomBytes(18).toString("base64url");
}
