import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { stringify } from "yaml";
import { openStore, type Store } from "../../src/cli/wiring/store.js";
import { type Config, loadConfig } from "../../src/config/load.js";
import { type GiteaDouble, startGiteaDouble } from "../../src/demo/gitea-double.js";
import { type PlaneDouble, startPlaneDouble } from "../../src/demo/plane-double.js";
import type { TrackerName } from "../../src/domain/issue.js";
import { createMemoryStore } from "../../src/redis/memory-store.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import type { Dice } from "../../tests/support/dice.js";
import { rememberPushes } from "../pushes-in.js";
import { endRuns } from "../strangers.js";
import { AGENT } from "./agent.js";
import { type Courier, startCourier } from "./courier.js";
import { type Disk, openDisk } from "./disk.js";
import { type Fleet, SEAT_NAMES, startFleet } from "./fleet.js";
import { fleetFile } from "./fleet-file.js";
import { type Lines, openLines } from "./lines.js";
import { BOT, PLANE, PROJECTS, REPOS } from "./projects.js";
import { type RedisServer, startRedisServer } from "./redis-server.js";
import { openRemotes, type Remotes } from "./remotes.js";
import { startTrackerFront, type TrackerFront } from "./tracker-front.js";

/** Everything a round is played with: the fleet's processes, and all that they talk to. */
export interface World {
  readonly folder: string;
  readonly config: Config;
  readonly gitea: GiteaDouble;
  readonly plane: PlaneDouble;
  readonly remotes: Remotes;
  readonly redis: RedisServer;
  readonly lines: Lines;
  /** Before each tracker. */
  readonly fronts: Readonly<Record<TrackerName, TrackerFront>>;
  readonly disk: Disk;
  readonly fleet: Fleet;
  readonly courier: Courier;
  /** The auditor's own eyes, past every fault. */
  readonly store: Store;
  /** Ends what is left; the folder stays if asked to. */
  close(keep: boolean): Promise<void>;
}

const SECRETS = { gitea: "a-secret-of-gitea", plane: "a-secret-of-plane" } as const;
const TOKEN = "gitea-token-of-the-bot";
const KEY = "plane-key-of-the-bot";
/** Issues are numbered from 1 and pull requests from beyond this, so that issues can be planned. */
const LAST_ISSUE = 100_000;
const REGISTERED_MS = 60_000;
const LOOK_MS = 100;

export async function openWorld(dice: Dice): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "stagecoach-chaos-"));
  const closers: (() => Promise<unknown>)[] = [];
  const endLeft = () => endRuns(folder);
  // Also where closing fails, or is cut short.
  process.once("exit", endLeft);
  const close = async (keep: boolean) => {
    for (const each of closers.splice(0).reverse()) await each();
    endLeft();
    if (!keep) await rm(folder, { recursive: true, force: true, maxRetries: 20 });
  };
  try {
    return { ...(await open(folder, dice, closers)), close };
  } catch (error) {
    await close(false);
    throw error;
  }
}

async function open(
  folder: string,
  dice: Dice,
  closers: (() => Promise<unknown>)[],
): Promise<Omit<World, "close">> {
  const remotes = await openRemotes(folder);
  for (const { name } of PROJECTS) await rememberPushes(remotes[name]);
  const gitea = await openGitea(remotes);
  closers.push(() => gitea.stop());
  const plane = await startPlaneDouble({
    apiKey: KEY,
    bot: BOT,
    workspace: PLANE.workspace,
    projects: [PLANE.project],
  });
  closers.push(() => plane.stop());
  const fronts = {
    gitea: await startTrackerFront(gitea.url),
    plane: await startTrackerFront(plane.url),
  };
  for (const front of Object.values(fronts)) closers.push(() => front.stop());
  const redis = await startRedisServer(join(folder, "redis"));
  closers.push(() => redis.stop());
  const lines = await openLines(SEAT_NAMES, redis.port);
  closers.push(() => lines.stop());
  const disk = await openDisk(join(folder, "disk"));
  closers.push(() => disk.remove());
  const agent = join(folder, "agent.sh");
  await writeFile(agent, AGENT, { mode: 0o755 });
  const path = join(folder, "stagecoach.yaml");
  await writeFile(path, stringify(fleetFile(remotes.paths, agent)));
  const env = environment(path, fronts);
  await mkdir(join(folder, "logs"));
  const fleet = await startFleet(join(folder, "logs"), (seat) => ({
    ...env,
    REDIS_URL: `redis://127.0.0.1:${lines.of(seat).port}`,
    // What receivers keep while Redis is away isn't on the disk of the checkouts.
    DATA_DIR: join(seat.startsWith("receiver") ? folder : disk.path, seat),
  }));
  closers.push(() => fleet.leave());
  const courier = await startCourier(fleet.receivers, dice);
  closers.push(() => courier.stop());
  gitea.setHook({ url: courier.urlOf("gitea"), secret: SECRETS.gitea });
  plane.setHook({ url: courier.urlOf("plane"), secret: SECRETS.plane });
  const config = loadConfig({
    env: { ...env, REDIS_URL: redis.url, DATA_DIR: folder },
    cwd: folder,
  });
  const store = await openStore(config, redis.url, silentLogger(), { role: "worker" });
  closers.push(() => store.close());
  await fleet.ready();
  await knowsPlane(store);
  return {
    folder,
    config,
    gitea,
    plane,
    remotes,
    redis,
    lines,
    fronts,
    disk,
    fleet,
    courier,
    store,
  };
}

async function openGitea(remotes: Remotes): Promise<GiteaDouble> {
  const remoteOf = (repo: string) => {
    const project = PROJECTS.find((one) => one.repo === repo);
    return project === undefined ? null : remotes[project.name];
  };
  const gitea = await startGiteaDouble({
    token: TOKEN,
    bot: BOT,
    repos: REPOS,
    branchHead: async (repo, branch) => remoteOf(repo)?.ref(`refs/heads/${branch}`) ?? null,
    merge: async (repo, head, base) => (await remoteOf(repo)?.merge(head, base)) ?? false,
  });
  for (const repo of REPOS) {
    gitea.addIssue({ repo, number: LAST_ISSUE, title: "Not for the fleet" });
  }
  return gitea;
}

/** What was in Plane before its first round of comparing is nothing that the fleet is to start. */
async function knowsPlane({ redis, prefix }: Store): Promise<void> {
  const memory = createMemoryStore(redis, prefix);
  const deadline = performance.now() + REGISTERED_MS;
  while ((await memory.names("registered:")).length === 0) {
    if (performance.now() > deadline) throw new Error("the fleet didn't look into Plane");
    await pause(LOOK_MS);
  }
}

function environment(config: string, fronts: World["fronts"]): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    HOST: "127.0.0.1",
    REDIS_PREFIX: "{chaos}",
    STAGECOACH_CONFIG: config,
    GITEA_URL: fronts.gitea.url,
    GITEA_TOKEN: TOKEN,
    GITEA_WEBHOOK_SECRET: SECRETS.gitea,
    PLANE_URL: fronts.plane.url,
    PLANE_API_KEY: KEY,
    PLANE_WEBHOOK_SECRET: SECRETS.plane,
    BOARD_PASSWORD: "a-password-for-the-board",
  };
}
