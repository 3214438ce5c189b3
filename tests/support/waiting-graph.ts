import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { coreOf } from "../../src/cli/wiring/core.js";
import { openStore, type Store } from "../../src/cli/wiring/store.js";
import { loadConfig } from "../../src/config/load.js";
import { branchName } from "../../src/domain/ids.js";
import { giteaIssueKey, type IssueAddress, issueKey } from "../../src/domain/issue.js";
import { started } from "../../src/domain/item-life.js";
import { DEFAULT_METADATA } from "../../src/domain/metadata.js";
import { admit } from "../../src/engine/admission.js";
import { rulesOf } from "../../src/engine/advance.js";
import type { Flows } from "../../src/engine/flows.js";
import { driveOutbox, type OutboxDeps, releaseDependents } from "../../src/engine/outbox.js";
import { checkEdge } from "../../src/engine/parked.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { dice } from "./dice.js";
import { uniquePrefix } from "./redis.js";

const REPO = "acme/rocket";
const AT = "2026-01-01T00:00:00.000Z";
const AT_ONCE = 64;
const NEAR = 40;

/** Numbers of the issues that each issue, from 1, waits for; always lower ones. */
export type Shape = (number: number) => readonly number[];

export const SHAPES = {
  chain: (number) => (number === 1 ? [] : [number - 1]),
  star: (number) => (number === 1 ? [] : [1]),
  random: (number) => {
    if (number === 1) return [];
    const { below } = dice(number);
    // Near ones, so that each has as many dependents in a small graph as in a large one.
    const near = () => number - 1 - below(Math.min(NEAR, number - 1));
    return [...new Set([near(), near(), near()])];
  },
} as const satisfies Record<string, Shape>;

/** Items that wait for one another, on a prefix of their own, without anybody at work. */
export interface WaitingGraph {
  readonly store: Store;
  readonly deps: OutboxDeps;
  /** Issues that wait for this one, by its number. */
  dependents(number: number): Promise<readonly string[]>;
  /**
   * The blocker is done: each dependent's edge is looked at as its worker would, and who got a slot
   * gives it back. Returns how many dependents there were. `between` is awaited after each promotion
   * and each look.
   */
  meet(number: number, between?: () => Promise<void>): Promise<number>;
  close(): Promise<void>;
}

/** Starts so many items as intake does, each waiting for those that `shape` names. */
export async function waitingGraph(
  url: string,
  count: number,
  shape: Shape,
  prefix = uniquePrefix(),
): Promise<WaitingGraph> {
  const folder = await mkdtemp(join(tmpdir(), "stagecoach-graph-"));
  const config = await configIn(folder, url, prefix);
  const store = await openStore(config, url, silentLogger(), { role: "worker" });
  // What people are told of a start is long delivered when an item has waited for a while.
  const notifications: OutboxDeps["notifications"] = { add: async () => undefined };
  const deps: OutboxDeps = { ...coreOf(config, store, silentLogger()), notifications };
  for (let from = 1; from <= count; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, count - from + 1) }, (_, i) => from + i);
    await Promise.all(numbers.map((number) => startWaiting(deps, number, shape(number))));
  }
  const dependents: WaitingGraph["dependents"] = (number) =>
    store.redis.hkeys(`${store.prefix}:dependents:${giteaIssueKey(REPO, number)}`);
  return {
    store,
    deps,
    dependents,
    async meet(number, between = async () => undefined) {
      const blocker = giteaIssueKey(REPO, number);
      const waiting = await dependents(number);
      const promote: Flows["promote"] = async (job) => {
        const promoted = await deps.flows.promote(job);
        await between();
        return promoted;
      };
      await releaseDependents({ ...deps, flows: { ...deps.flows, promote } }, blocker);
      for (const dependent of waiting) {
        await lookAtEdge(deps, dependent, blocker);
        await between();
      }
      return waiting.length;
    },
    async close() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startWaiting(
  deps: OutboxDeps,
  number: number,
  blockers: readonly number[],
): Promise<void> {
  const project = deps.fleet.projects[0];
  const pipeline = project && deps.fleet.pipelines[project.pipeline];
  const rules = pipeline && rulesOf(deps.fleet, { project: project.name, pipeline: pipeline.name });
  if (!project || !pipeline || !rules) throw new Error("the fleet has no project or pipeline");
  const issue: IssueAddress = { tracker: "gitea", repo: REPO, number };
  const dependent = issueKey(issue);
  const edges = blockers.map((other) => ({ dependent, blocker: giteaIssueKey(REPO, other) }));
  const source = { by: "text", issue: dependent } as const;
  await deps.graph.state(source, edges);
  await deps.graph.seen(source, await deps.graph.appeared(source));
  const id = await deps.items.reserve(dependent, project.prefix);
  const title = `Count the frames of rocket ${number}`;
  const news = {
    id,
    project: project.name,
    issue,
    order: number,
    title,
    url: `https://git.acme.dev/${REPO}/issues/${number}`,
    branch: branchName(id, title),
    metadata: { ...DEFAULT_METADATA, blockedBy: [...blockers] },
    issueUpdatedAt: AT,
  };
  const cause = { id: "d0123456789abcdef", text: "delivery gitea:3f0c2a44", at: AT };
  await deps.items.create(started(news, pipeline, rules, cause), `# ${title}\n\n${TEXT}`);
  await driveOutbox(deps, id);
}

async function lookAtEdge(deps: OutboxDeps, dependent: string, blocker: string): Promise<void> {
  const item = await deps.items.ofIssue(dependent);
  if (item === null) throw new Error(`${dependent} has no item`);
  await checkEdge(deps, { item, version: 1, blocker });
  await deps.slots.release(item, 1);
  await admit(deps);
}

const TEXT = "The frames of each stage are to be counted, and shown on its page.\n".repeat(4);

async function configIn(folder: string, url: string, prefix: string) {
  const configPath = join(folder, "stagecoach.yaml");
  const file = {
    bot: "stagecoach-bot",
    approvers: ["alice"],
    parser: "rules",
    projects: [
      {
        name: "rocket",
        repo: REPO,
        remote: folder,
        prefix: "ET",
        pipeline: "direct",
        maxConcurrentRuns: 1,
      },
    ],
    gates: { "tests-local": { command: ["true"], timeoutMinutes: 1 } },
    agents: { default: { runner: "scripted", script: "unused" } },
  };
  await writeFile(configPath, stringify(file));
  const env = {
    REDIS_URL: url,
    REDIS_PREFIX: prefix,
    DATA_DIR: folder,
    LOG_LEVEL: "error",
    GITEA_URL: "http://127.0.0.1:9",
    GITEA_TOKEN: "gitea-token",
    GITEA_WEBHOOK_SECRET: "a-secret-of-gitea-for-tests",
    BOARD_USERNAME: "admin",
    BOARD_PASSWORD: "a-password-for-the-board",
  };
  return loadConfig({ env, cwd: folder, configPath });
}
