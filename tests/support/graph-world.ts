import { observed } from "../../src/cli/wiring/observed-items.js";
import type { Fleet } from "../../src/domain/fleet.js";
import { issueKey } from "../../src/domain/issue.js";
import type { Pipeline } from "../../src/domain/pipeline.js";
import { slotLimits } from "../../src/engine/admission.js";
import type { Tracker } from "../../src/engine/tracker.js";
import { rulesParser } from "../../src/intake/metadata/rules.js";
import { createBudgetStore } from "../../src/redis/budget-store.js";
import type { RedisConnection } from "../../src/redis/connection.js";
import { createDependencyGraph } from "../../src/redis/dependency-graph.js";
import { createEndingStore } from "../../src/redis/ending-store.js";
import { createLockStore } from "../../src/redis/lock-store.js";
import { createRefusalStore } from "../../src/redis/refusal-store.js";
import { createSlotStore } from "../../src/redis/slot-store.js";
import { createWorkItemStore } from "../../src/redis/work-item-store.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import type { GraphModel } from "./graph-model.js";
import { instantWorkspace } from "./instant-workspace.js";
import type { World } from "./interleavings.js";
import type { PlayedQueue } from "./played-queue.js";
import { project } from "./rocket-fleet.js";

export const PROJECTS = ["one", "two"] as const;

/** One stage and two: an edge that appears at work counts before the second. */
const PIPELINES: Readonly<Record<string, Pipeline>> = {
  one: {
    name: "one",
    steps: [{ stage: "development", agent: "developer", gate: "tests-local" }],
  },
  two: {
    name: "two",
    steps: [
      { stage: "development", agent: "developer", gate: "tests-local" },
      { stage: "testing", agent: "tester", gate: "tests-passed" },
    ],
  },
};

const AGENT = {
  runner: "scripted",
  command: [],
  script: "unused",
  timeoutMinutes: 1,
  silentMinutes: 1,
  env: [],
  sandbox: "none",
  user: null,
  model: "assigned",
  maxConcurrent: null,
} as const;

const FLEET: Fleet = {
  bot: "devbot",
  approvers: ["mira"],
  projects: PROJECTS.map((name) =>
    project({
      name,
      repo: `acme/${name}`,
      plane: null,
      prefix: name === "one" ? "ON" : "TW",
      pipeline: name,
      maxConcurrentRuns: 3,
      agents: { developer: AGENT, tester: AGENT },
    }),
  ),
  pipelines: PIPELINES,
  models: {},
  limits: { developerRuns: 3 },
};

/** The real engine and intake over real stores of its own, a queue in memory, and a modelled tracker. */
export function graphWorld(
  redis: RedisConnection,
  prefix: string,
  queue: PlayedQueue,
  model: GraphModel,
  told: (item: string, text: string) => void,
): World {
  return {
    fleet: FLEET,
    items: observed(createWorkItemStore(redis, prefix), ({ item }) => {
      if (item.status === "done") model.finished(issueKey(item.issue));
    }),
    graph: createDependencyGraph(redis, prefix),
    slots: createSlotStore(redis, prefix, slotLimits(FLEET)),
    flows: queue.flows,
    notifications: {
      async add({ item, effect }) {
        if (effect.kind === "comment") told(item ?? "", effect.body);
      },
    },
    budgets: createBudgetStore(redis, prefix, {
      fleet: { perItem: null, perDay: null },
      projects: {},
    }),
    locks: createLockStore(redis, prefix),
    refusals: createRefusalStore(redis, prefix),
    endings: createEndingStore(redis, prefix),
    log: silentLogger(),
    clock: () => Date.now(),
    workspace: instantWorkspace(),
    runners: {},
    renderPrompt: () => "",
    openLog: () => ({ write: () => undefined, close: async () => undefined }),
    mask: (text) => text,
    heartbeatMs: 600_000,
    gateNamed: () => async (context) => ({
      gate: "passes",
      passed: true,
      reason: "fine",
      evidence: "",
      commit: context.commit,
    }),
    forgeOf: () => null,
    tracker: () => modelledTracker(model),
    runGateCommand: () => Promise.reject(new Error("no command runs here")),
    parseMetadata: (text, about) => rulesParser().parse(text, about),
    bodyOf: async () => null,
  };
}

/** Answers how issues are and what blocks them, and nothing else. */
function modelledTracker(model: GraphModel): Tracker {
  const unasked = () => Promise.reject(new Error("nobody asks for this"));
  const at = (number: number) => model.issues[number - 1];
  return {
    name: "gitea",
    async readIssue(address) {
      const issue = address.tracker === "gitea" ? at(address.number) : undefined;
      if (issue === undefined) return null;
      const { number, open, assigned } = issue;
      const updatedAt = new Date().toISOString();
      const text = model.text(issue);
      return {
        address,
        order: number,
        title: `Issue ${number}`,
        text,
        url: null,
        open,
        assigned,
        updatedAt,
      };
    },
    async blockers(address) {
      const issue = address.tracker === "gitea" ? at(address.number) : undefined;
      return [...(issue?.dependencies ?? [])].map((key) => key.replace("gitea:", ""));
    },
    comment: unasked,
    putStatusComment: unasked,
    setState: unasked,
    react: unasked,
    closeIssue: unasked,
    openIssues: () => {
      throw new Error("nobody asks for this");
    },
    commentsSince: () => {
      throw new Error("nobody asks for this");
    },
  };
}
