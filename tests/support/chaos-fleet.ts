import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { startAgent } from "../../src/cli/wiring/agent.js";
import { coreOf } from "../../src/cli/wiring/core.js";
import {
  agentDeps,
  type FleetParts,
  notifierDeps,
  stageDeps,
  workerContext,
} from "../../src/cli/wiring/fleet.js";
import { drain } from "../../src/cli/wiring/lifecycle.js";
import { startNotifier } from "../../src/cli/wiring/notifier.js";
import { startParser } from "../../src/cli/wiring/parser.js";
import { startReceiver } from "../../src/cli/wiring/receiver.js";
import { startStage } from "../../src/cli/wiring/stage.js";
import { openStore, type Store } from "../../src/cli/wiring/store.js";
import { connectOutside } from "../../src/cli/wiring/trackers.js";
import { loadConfig } from "../../src/config/load.js";
import { type GiteaDouble, startGiteaDouble } from "../../src/demo/gitea-double.js";
import { admit } from "../../src/engine/admission.js";
import { OVERDUE_MS, sweepOutbox } from "../../src/engine/outbox.js";
import type { RunningWorker } from "../../src/queue/worker.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { createRemote, type GitRemote } from "./git-remote.js";
import { startRedis, uniquePrefix } from "./redis.js";
import { removeKeys } from "./running-fleet.js";

export const BOT = "stagecoach-bot";
export const APPROVER = "alice";
export const CAP = 2;
const VICTIM = fileURLToPath(new URL("./victim-worker.mjs", import.meta.url));
const TAKEOVER = { lockDuration: 2_500, lockRenewTime: 500, stalledInterval: 400 };
/** Many healthy fleets share this event loop: its pauses must not lose their locks. */
const HEALTHY = { ...TAKEOVER, lockDuration: 30_000, lockRenewTime: 5_000 };
const SECRET = "a-secret-of-gitea-for-tests";
/** A victim that hasn't died after this, in ms, never comes by its point. */
const VICTIM_MS = 60_000;

/** Where a victim kills itself; victim-worker.mjs says what the words mean. */
export interface KillPoint {
  readonly call: string;
  readonly when: "before" | "after";
  readonly what?: string;
}

/** A pipeline each, as short as it can be. */
const PIPELINES = {
  quick: [{ stage: "development", agent: "developer" }],
  analysed: [{ stage: "analysis", agent: "analyst", gate: "analysis-approved" }],
  reviewed: [
    { stage: "development", agent: "developer" },
    { stage: "review", agent: "reviewer", gate: "reviewer-verdict" },
  ],
} as const;
export type PipelineName = keyof typeof PIPELINES;

const APPROVED = { "__ARTIFACTS__/12-review.md": "verdict: APPROVED\n" };
const REFUSED = { "__ARTIFACTS__/12-review.md": "verdict: REQUEST_CHANGES\n\nNot yet.\n" };
/** What agents do, by role and round; items whose title is Rework, Hopeless or Endless differ. */
const SCRIPT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "developer/1": { "src/__ITEM__-__RUN__.txt": "work\n" },
  "reviewer/1": APPROVED,
  "analyst/1": {
    "__ARTIFACTS__/02-brd.md": "why\n",
    "__ARTIFACTS__/03-trz.md": "what\n",
    "__ARTIFACTS__/04-acceptance-criteria.md": "when\n",
    "__ARTIFACTS__/05-test-plan.md": "how\n",
  },
  "items/rework/reviewer/1": REFUSED,
  "items/rework/reviewer/2": APPROVED,
  "items/hopeless/reviewer/1": REFUSED,
  "items/endless/developer/1": { "step.json": '{"ending":"hang"}' },
};

export interface ChaosFleet {
  readonly store: Store;
  readonly parts: FleetParts;
  readonly gitea: GiteaDouble;
  readonly remote: GitRemote;
  /** Runs a worker process until it has killed itself at the first of the points it comes by. */
  victim(...points: readonly KillPoint[]): Promise<void>;
  /** The locks of the dead end by themselves within a minute, which nobody waits for here. */
  letGo(): Promise<void>;
  /** Healthy workers take over, in this process; the function returned stops them. */
  takeOver(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** A receiver, a repository and a Gitea, for workers that come and go. */
export async function openChaosFleet(): Promise<ChaosFleet> {
  const redis = await startRedis();
  const folder = await mkdtemp(join(tmpdir(), "stagecoach-chaos-"));
  const remote = await createRemote();
  let now = Date.now();
  const gitea = await startGiteaDouble({
    token: "gitea-token",
    bot: BOT,
    repos: Object.keys(PIPELINES).map((name) => `acme/${name}`),
    branchHead: (_repo, branch) => remote.ref(`refs/heads/${branch}`),
    // No two in a second, and never behind the fleet's clock: a word from before a run's end isn't heard.
    now: () => {
      now = Math.max(now + 1_000, Date.now());
      return now;
    },
  });
  const env = {
    PATH: process.env.PATH,
    HOST: "127.0.0.1",
    PORT: "0",
    REDIS_URL: redis.url,
    REDIS_PREFIX: uniquePrefix(),
    DATA_DIR: join(folder, "data"),
    STAGECOACH_CONFIG: join(folder, "stagecoach.yaml"),
    GITEA_URL: gitea.url,
    GITEA_TOKEN: "gitea-token",
    GITEA_WEBHOOK_SECRET: SECRET,
    BOARD_PASSWORD: "a-password-for-the-board",
  };
  await mkdir(env.DATA_DIR);
  await writeScript(join(folder, "script"));
  await writeFile(env.STAGECOACH_CONFIG, stringify(fleetFile(remote.path, folder)));
  const config = loadConfig({ env, cwd: folder });
  const log = silentLogger();
  const store = await openStore(config, redis.url, log, { role: "worker" });
  const outside = connectOutside(config.environment, config.fleet);
  const parts: FleetParts = { config, env, store, outside, log, heartbeatMs: 100 };
  const receiver = await startReceiver(config, store, log);
  gitea.setHook({ url: `${receiver.url}/webhook/gitea`, secret: SECRET });
  return {
    store,
    parts,
    gitea,
    remote,
    victim: (...points) => runVictim(points, env, folder),
    letGo: () => letGo(store),
    async takeOver() {
      await letGo(store);
      const workers = await healthyWorkers(parts);
      const core = coreOf(config, store, log);
      // What the maintenance job does every 15 s.
      await sweepOutbox({ ...core, clock: () => Date.now() + OVERDUE_MS });
      await admit(core);
      return () => drain(workers, 10_000, log);
    },
    async close() {
      await gitea.settled();
      await receiver.close();
      await gitea.stop();
      await removeKeys(store);
      await store.close();
      await Promise.all([redis.stop(), remote.remove()]);
      await rm(folder, { recursive: true, force: true, maxRetries: 20 });
    },
  };
}

async function runVictim(
  points: readonly KillPoint[],
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<void> {
  const given = JSON.stringify({ points, takeover: TAKEOVER });
  const child = spawn(process.execPath, [VICTIM, given], {
    cwd,
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = `${said}${text}`.slice(-4_000);
  });
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, VICTIM_MS);
  const [code, signal] = await once(child, "close");
  clearTimeout(deadline);
  if (late) throw new Error(`the victim never came by ${JSON.stringify(points)}: ${said}`);
  if (signal !== "SIGKILL") throw new Error(`the victim ended with ${code ?? signal}: ${said}`);
}

async function healthyWorkers(parts: FleetParts): Promise<RunningWorker[]> {
  const { config, store, outside, log } = parts;
  const context = { ...workerContext(parts), takeover: HEALTHY };
  return [
    ...(await startParser(context, { config, store, outside, core: coreOf(config, store, log) })),
    ...startStage(context, stageDeps(parts)),
    ...startAgent(context, await agentDeps(parts)),
    ...startNotifier(context, notifierDeps(parts, null)),
  ];
}

async function letGo({ redis, prefix }: Store): Promise<void> {
  const locks = await redis.keys(`${prefix.replace(/[{}]/g, "?")}:lock:*`);
  if (locks.length > 0) await redis.unlink(...locks);
}

async function writeScript(folder: string): Promise<void> {
  for (const [round, files] of Object.entries(SCRIPT)) {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, round, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
  }
}

function fleetFile(remote: string, folder: string): object {
  return {
    bot: BOT,
    approvers: [APPROVER],
    parser: "rules",
    projects: Object.keys(PIPELINES).map((name, index) => ({
      name,
      repo: `acme/${name}`,
      remote,
      prefix: ["QK", "AN", "RV"][index],
      pipeline: name,
    })),
    pipelines: PIPELINES,
    limits: { developerRuns: CAP },
    agents: { default: { runner: "scripted", script: join(folder, "script") } },
  };
}
