import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { stringify } from "yaml";
import type { FleetParts } from "../../src/cli/wiring/fleet.js";
import { drain } from "../../src/cli/wiring/lifecycle.js";
import { type Receiver, startReceiver } from "../../src/cli/wiring/receiver.js";
import { openStore, type Store } from "../../src/cli/wiring/store.js";
import { connectOutside } from "../../src/cli/wiring/trackers.js";
import { WORKER_KINDS, type WorkerKind } from "../../src/cli/wiring/worker-kinds.js";
import { startWorkers } from "../../src/cli/wiring/workers.js";
import { loadConfig } from "../../src/config/load.js";
import { type GiteaDouble, startGiteaDouble } from "../../src/demo/gitea-double.js";
import { giteaIssueKey } from "../../src/domain/issue.js";
import type { Transition } from "../../src/domain/transition.js";
import type { WorkItem } from "../../src/domain/work-item.js";
import type { RunContext } from "../../src/engine/runner.js";
import type { RunningWorker } from "../../src/queue/worker.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { type Agents, runnerOf } from "./agents.js";
import { createRemote, type GitRemote } from "./git-remote.js";
import { untilQuiet } from "./quiet.js";
import { startRedis, uniquePrefix } from "./redis.js";

export { untilQuiet } from "./quiet.js";

export const BOT = "stagecoach-bot";
export const APPROVER = "alice";
export const STRANGER = "mallory";
export const REPO = "acme/rocket";
export const GITEA_SECRET = "a-secret-of-gitea-for-tests";
export const BOARD_PASSWORD = "a-password-for-the-board";
/** What a test waits for at most, in ms; a bound on failure, not an expectation. */
const PATIENCE_MS = 50_000;

export interface FleetOptions {
  readonly agents?: Agents;
  /** Added to, or put in place of, the fleet file's own. */
  readonly file?: Readonly<Record<string, unknown>>;
  /** Settings of the project of each repository; one project `acme/rocket` unless said. */
  readonly projects?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Which workers run from the start; default all. */
  readonly workers?: readonly WorkerKind[];
  /** How often runs look whether they still own their item, in ms; default 100. */
  readonly heartbeatMs?: number;
  /** Variables beside, or in place of, the fleet's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Most entries of a page of Gitea's; default 50. */
  readonly pageSize?: number;
}

export interface RunningFleet {
  readonly store: Store;
  readonly parts: FleetParts;
  readonly gitea: GiteaDouble;
  readonly receiver: Receiver;
  readonly remote: GitRemote;
  /** Agents in the order they started. */
  readonly started: readonly RunContext[];
  /** Every transition written, oldest first. */
  readonly transitions: readonly Transition[];
  start(...kinds: readonly WorkerKind[]): Promise<void>;
  /** The item of an issue (or of an id), once `predicate` holds for it. */
  untilItem(
    issue: number | string,
    predicate: (item: WorkItem) => boolean,
    repo?: string,
  ): Promise<WorkItem>;
  /** So many agents have started. */
  untilStarted(count: number): Promise<void>;
  /** No job is at work or about to be, save those of `except`, and no effect is owed. */
  untilQuiet(options?: { readonly except: readonly string[] }): Promise<void>;
  /** Files an issue and gives it to the bot. */
  assignedIssue(issue: {
    readonly number: number;
    readonly title?: string;
    readonly body?: string;
    readonly repo?: string;
  }): void;
  /** Texts of the bot's comments on an issue that aren't its status. */
  said(issue: number): readonly string[];
}

/** A whole fleet in this process, on a prefix of its own, gone when the test ends. */
export async function runFleet(options: FleetOptions = {}): Promise<RunningFleet> {
  const redis = await startRedis();
  const folder = await mkdtemp(join(tmpdir(), "stagecoach-fleet-"));
  const remote = await createRemote();
  const projects = options.projects ?? { [REPO]: {} };
  const gitea = await startGiteaDouble({
    token: "gitea-token",
    bot: BOT,
    repos: Object.keys(projects),
    branchHead: (_repo, branch) => remote.ref(`refs/heads/${branch}`),
    merge: (_repo, head, base) => remote.merge(head, base),
    maxPageSize: options.pageSize ?? 50,
    now: secondsApart(),
  });
  const env = {
    ...(await environmentIn(folder, redis.url, gitea.url)),
    ...options.environment,
  };
  const configPath = join(folder, "stagecoach.yaml");
  await writeFile(configPath, stringify(fleetFile(remote.path, projects, options.file)));
  const config = loadConfig({ env, cwd: folder, configPath });
  const log = silentLogger();

  const started: RunContext[] = [];
  const transitions: Transition[] = [];
  const waiting = new Set<() => void>();
  const observe = (transition: Transition) => {
    transitions.push(transition);
    for (const look of waiting) look();
  };
  const store = await openStore(config, redis.url, log, { role: "worker", observe });
  const runner = runnerOf(options.agents ?? {}, (context) => {
    started.push(context);
    for (const look of waiting) look();
  });
  const outside = connectOutside(config.environment, config.fleet);
  const runners = { scripted: runner };
  const { heartbeatMs = 100 } = options;
  const parts: FleetParts = { config, env, store, outside, log, runners, heartbeatMs };
  const receiver = await startReceiver(config, store, log);
  gitea.setHook({ url: `${receiver.url}/webhook/gitea`, secret: GITEA_SECRET });
  const workers: RunningWorker[] = [];

  onTestFinished(async () => {
    for (const worker of workers) worker.abort("the test is over");
    await drain(workers, 1_000, log);
    await receiver.close();
    await gitea.stop();
    await removeKeys(store);
    await store.close();
    await redis.stop();
    await remote.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const fleet: RunningFleet = {
    store,
    parts,
    gitea,
    receiver,
    remote,
    started,
    transitions,
    async start(...kinds) {
      for (const kind of kinds) workers.push(...(await startWorkers(kind, parts)));
    },
    async untilItem(issue, predicate, repo = REPO) {
      const find = async () => {
        const key = typeof issue === "string" ? null : giteaIssueKey(repo, issue);
        const id = key === null ? String(issue) : await store.items.ofIssue(key);
        return id === null ? null : store.items.find(id);
      };
      const fits = (item: WorkItem | null) => item !== null && predicate(item);
      return (await untilFound(waiting, find, fits, summary)) as WorkItem;
    },
    async untilStarted(count) {
      await untilFound(
        waiting,
        async () => started.length,
        (length) => length >= count,
        String,
      );
    },
    untilQuiet: ({ except } = { except: [] }) => untilQuiet(store, except),
    assignedIssue({ number, title = `Issue ${number}`, body = "", repo = REPO }) {
      gitea.addIssue({ repo, number, title, body, author: APPROVER, assignees: [BOT] });
    },
    said: (issue) =>
      gitea
        .comments(REPO, issue)
        .filter(({ author, body }) => author === BOT && !body.includes("stagecoach:status:"))
        .map(({ body }) => body),
  };
  await fleet.start(...(options.workers ?? WORKER_KINDS));
  return fleet;
}

/** Gitea keeps whole seconds; what people do is further apart, and no two webhooks are the same. */
function secondsApart(): () => number {
  let now = Date.now();
  return () => {
    now = Math.max(now + 1_000, Date.now());
    return now;
  };
}

async function environmentIn(folder: string, redisUrl: string, giteaUrl: string) {
  await mkdir(join(folder, "data"));
  return {
    PATH: process.env.PATH,
    HOST: "127.0.0.1",
    PORT: "0",
    REDIS_URL: redisUrl,
    REDIS_PREFIX: uniquePrefix(),
    DATA_DIR: join(folder, "data"),
    LOG_LEVEL: "error",
    GITEA_URL: giteaUrl,
    GITEA_TOKEN: "gitea-token",
    GITEA_WEBHOOK_SECRET: GITEA_SECRET,
    BOARD_USERNAME: "admin",
    BOARD_PASSWORD,
  };
}

function fleetFile(
  remote: string,
  projects: NonNullable<FleetOptions["projects"]>,
  changes: FleetOptions["file"] = {},
) {
  return {
    bot: BOT,
    approvers: [APPROVER],
    parser: "rules",
    projects: Object.entries(projects).map(([repo, settings], index) => ({
      name: repo.split("/")[1],
      repo,
      remote,
      prefix: ["ET", "LN", "MX"][index],
      pipeline: "direct",
      ...settings,
    })),
    gates: { "tests-local": { command: ["true"], timeoutMinutes: 1 } },
    agents: { default: { runner: "scripted", script: "unused" } },
    ...changes,
  };
}

/** Looks at once and after everything that happens in the fleet; the deadline names what was seen. */
async function untilFound<T>(
  waiting: Set<() => void>,
  find: () => Promise<T>,
  fits: (found: T) => boolean,
  describe: (found: T) => string,
): Promise<T> {
  let seen = "nothing";
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(deadline);
      waiting.delete(look);
      settle();
    };
    const look = () => {
      find().then(
        (found) => {
          seen = describe(found);
          if (fits(found)) end(() => resolve(found));
        },
        (error: unknown) => end(() => reject(error)),
      );
    };
    const inVain = () => end(() => reject(new Error(`waited in vain; last seen: ${seen}`)));
    const deadline = setTimeout(inVain, PATIENCE_MS);
    waiting.add(look);
    look();
  });
}

function summary(item: WorkItem | null): string {
  if (item === null) return "no item";
  return `${item.id} v${item.version} ${item.stage} ${item.status}: ${item.reason}`;
}

export async function removeKeys({ redis, prefix }: Store): Promise<void> {
  const keys = await redis.keys(`${prefix.replace(/[{}]/g, "?")}*`);
  if (keys.length > 0) await redis.unlink(...keys);
}
