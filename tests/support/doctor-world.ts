import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Line } from "../../src/cli/doctor/check.js";
import { type Examination, examine } from "../../src/cli/doctor/examine.js";
import { type GiteaDouble, startGiteaDouble } from "../../src/demo/gitea-double.js";
import { type PlaneDouble, startPlaneDouble } from "../../src/demo/plane-double.js";
import { createRemote, type GitRemote } from "./git-remote.js";
import { startOwnRedis, startRedis, type TestRedis, uniquePrefix } from "./redis.js";

export const REPO = "acme/rocket";
export const BOT = "devbot";
export const RECEIVER = "https://fleet.example/webhook/gitea";
const TOKEN = "gitea-token-of-the-bot";
const API_KEY = "plane-key-of-the-bot";
const PROJECT = "dae7de73-d31a-440a-8114-1d7b3a5f1274";

/** A fleet that was never started, on which everything is in order. */
export interface DoctorWorld {
  readonly folder: string;
  readonly gitea: GiteaDouble;
  readonly plane: PlaneDouble;
  readonly remote: GitRemote;
  readonly env: Readonly<Record<string, string>>;
  /** The fleet file; `write` takes another text. */
  readonly yaml: string;
  write(yaml: string): Promise<void>;
  /** What the doctor finds, with variables changed; null unsets one. */
  examine(
    changes?: Readonly<Record<string, string | null>>,
    options?: Partial<Examination>,
  ): Promise<readonly Line[]>;
}

/** @param settings of a Redis of its own; absent: the shared one */
export async function openDoctorWorld(
  settings?: Readonly<Record<string, string>>,
): Promise<DoctorWorld> {
  const folder = await mkdtemp(join(tmpdir(), "stagecoach-doctor-"));
  const redis: TestRedis = settings ? await startOwnRedis(settings) : await startRedis();
  const gitea = await startGiteaDouble({ token: TOKEN, bot: BOT, repos: [REPO] });
  const plane = await startPlaneDouble({
    apiKey: API_KEY,
    bot: BOT,
    workspace: "acme",
    projects: [PROJECT],
  });
  const remote = await createRemote();
  onTestFinished(async () => {
    await Promise.all([redis.stop(), gitea.stop(), plane.stop(), remote.remove()]);
    await rm(folder, { recursive: true, force: true });
  });
  gitea.setHook({ url: RECEIVER, secret: "hook-secret" });
  const yaml = fleetFile(remote.path);
  const write = (text: string) => writeFile(join(folder, "stagecoach.yaml"), text);
  await write(yaml);
  const env = {
    PATH: process.env.PATH ?? "",
    REDIS_URL: redis.url,
    REDIS_PREFIX: uniquePrefix(),
    DATA_DIR: join(folder, "data"),
    GITEA_URL: gitea.url,
    GITEA_TOKEN: TOKEN,
    GITEA_WEBHOOK_SECRET: "hook-secret",
    PLANE_URL: plane.url,
    PLANE_API_KEY: API_KEY,
    PLANE_WEBHOOK_SECRET: "plane-secret",
  };
  return {
    folder,
    gitea,
    plane,
    remote,
    env,
    yaml,
    write,
    examine(changes = {}, options = {}) {
      const changed = Object.entries({ ...env, ...changes }).filter(([, value]) => value !== null);
      return examine({ env: Object.fromEntries(changed) as typeof env, cwd: folder, ...options });
    },
  };
}

/** A folder for PATH that holds these programs of this machine and no others. */
export async function pathWith(
  world: DoctorWorld,
  ...programs: readonly string[]
): Promise<string> {
  const folder = join(world.folder, "bin");
  await mkdir(folder);
  for (const program of programs) {
    const { stdout } = spawnSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" });
    await symlink(stdout.trim(), join(folder, program));
  }
  return folder;
}

function fleetFile(remote: string): string {
  return `bot: ${BOT}
approvers: [alice]
limits: { freeDiskBytes: 1000 }
projects:
  - repo: ${REPO}
    remote: ${remote}
    prefix: ET
    plane: { workspace: acme, project: ${PROJECT} }
agents:
  default: { runner: command, command: [sh] }
`;
}

/** The line of a check at this level; fails the test with all that were found if there is none. */
export function lineOf(
  lines: readonly Line[],
  name: string,
  level: Line["level"],
  says: string | RegExp = "",
): Line {
  const fits = ({ says: said }: Line) =>
    typeof says === "string" ? said.includes(says) : says.test(said);
  const found = lines.find((line) => line.name === name && line.level === level && fits(line));
  if (found !== undefined) return found;
  const all = lines.map((line) => `${line.level} ${line.name}: ${line.says}`).join("\n");
  throw new Error(`no line ${level} ${name}: ${String(says)} among\n${all}`);
}
