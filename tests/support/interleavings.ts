import { observed } from "../../src/cli/wiring/observed-items.js";
import type { AgentSettings, Fleet } from "../../src/domain/fleet.js";
import { giteaIssueKey } from "../../src/domain/issue.js";
import { BUILT_IN_PIPELINES, type Pipeline } from "../../src/domain/pipeline.js";
import { ROLES } from "../../src/domain/stage.js";
import type { Transition } from "../../src/domain/transition.js";
import { isFinished } from "../../src/domain/work-item.js";
import { admit, slotLimits } from "../../src/engine/admission.js";
import type { EvaluateDeps } from "../../src/engine/evaluate.js";
import { driveOutbox } from "../../src/engine/outbox.js";
import type { RunDeps } from "../../src/engine/run-deps.js";
import type { Slots } from "../../src/engine/slots.js";
import type { IntakeDeps } from "../../src/intake/deps.js";
import { takeIn } from "../../src/intake/intake.js";
import { rulesParser } from "../../src/intake/metadata/rules.js";
import { createBudgetStore } from "../../src/redis/budget-store.js";
import { createDependencyGraph } from "../../src/redis/dependency-graph.js";
import { createEndingStore } from "../../src/redis/ending-store.js";
import { createLockStore } from "../../src/redis/lock-store.js";
import { createRefusalStore } from "../../src/redis/refusal-store.js";
import { createSlotStore } from "../../src/redis/slot-store.js";
import { createWorkItemStore } from "../../src/redis/work-item-store.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { recordsOf, violations } from "./audit.js";
import { dice } from "./dice.js";
import { Died, Happenings } from "./happenings.js";
import { instantWorkspace } from "./instant-workspace.js";
import { type RecordedFlows, recordFlows } from "./recorded-flows.js";
import { project } from "./rocket-fleet.js";
import { type ItemWatch, watchItem } from "./watched-items.js";
import { openTestRedis } from "./work.js";

const CAP = 3;
/** Moments of a sequence; in each, up to three things happen at once. */
const MOMENTS = 20;
const AT_ONCE = [1, 1, 2, 3] as const;

/** Gates that people and CI have a say in, so that their events count. */
const WATCHED: Pipeline = {
  name: "watched",
  steps: (BUILT_IN_PIPELINES.full?.steps ?? []).map((step) => {
    if (step.stage === "development") return { ...step, gate: "ci-green" };
    return step.stage === "review" ? { ...step, gate: "review-approved" } : step;
  }),
};
/** Begins where the cap counts, so that many sequences come to the end. */
const LATE: Pipeline = { name: "late", steps: BUILT_IN_PIPELINES.full?.steps.slice(2) ?? [] };
const PIPELINES = { ...BUILT_IN_PIPELINES, watched: WATCHED, late: LATE };
const PROJECTS = ["full", "watched", "direct", "late"] as const;

const AGENT: AgentSettings = {
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
};

const UNLIMITED = { fleet: { perItem: null, perDay: null }, projects: {} };

export interface World extends RunDeps, EvaluateDeps, IntakeDeps {}

/** One sequence played to its end. */
export interface Played {
  /** What was found wrong, a sentence each. */
  readonly broken: readonly string[];
  readonly statuses: readonly string[];
  readonly moves: readonly string[];
  readonly endings: readonly string[];
}

export interface Choices {
  /** Plays the sequence of a seed on an item of its own. */
  play(seed: number): Promise<Played>;
  close(): Promise<void>;
}

/** The real engine over real stores; a queue that repeats itself; agents and gates by the dice. */
export async function openInterleavings(): Promise<Choices> {
  const { redis, prefix, close } = await openTestRedis();
  const fleet = fleetOf();
  const watches = new Map<string, ItemWatch>();
  const seen = new Map<string, Transition[]>();
  const recorded = recordFlows();
  const observe = (transition: Transition) => {
    const { id } = transition.item;
    const watch = watches.get(id) ?? watchItem(CAP);
    watches.set(id, watch);
    watch.see(transition);
    seen.set(id, [...(seen.get(id) ?? []), transition]);
  };
  const items = observed(createWorkItemStore(redis, prefix), observe);
  const world: World = {
    fleet,
    items,
    graph: createDependencyGraph(redis, prefix),
    slots: briefPauses(createSlotStore(redis, prefix, slotLimits(fleet))),
    flows: recorded.flows,
    notifications: recorded.notifications,
    budgets: createBudgetStore(redis, prefix, UNLIMITED),
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
    gateNamed: () => {
      throw new Error("the dice decide");
    },
    forgeOf: () => null,
    tracker: () => null,
    runGateCommand: () => Promise.reject(new Error("no command runs here")),
    parseMetadata: (text, about) => rulesParser().parse(text, about),
    bodyOf: async () => JSON.stringify({ issue: { body: "An issue." } }),
  };
  const records = (id: string) => recordsOf({ redis, prefix, items }, id);
  return {
    close,
    async play(seed) {
      const id = await playOut(world, recorded, seed, () => redis.ping());
      const found = await records(id);
      const pipeline = fleet.pipelines[found.item.pipeline];
      if (pipeline === undefined) throw new Error(`no pipeline ${found.item.pipeline}`);
      const broken = [...(watches.get(id)?.violations ?? []), ...violations(found, pipeline, CAP)];
      if (!isFinished(found.item)) broken.push(`it is ${found.item.status} after its end`);
      const moves = found.history.filter(({ kind }) => kind === "transition");
      const statuses = (seen.get(id) ?? []).map(({ item }) => item.status);
      watches.delete(id);
      seen.delete(id);
      return {
        broken,
        statuses,
        moves: moves.map(({ from, to }) => `${from} → ${to}`),
        endings: found.runs.map(({ ending }) => String(ending)),
      };
    },
  };
}

/** All sequences have one provider, so its pause lasts a moment only. */
function briefPauses(slots: Slots): Slots {
  return { ...slots, pause: (provider, _until, now) => slots.pause(provider, now + 1, now) };
}

/** Starts an item, lets things happen to it, and ends it; its id. */
async function playOut(
  world: World,
  recorded: RecordedFlows,
  seed: number,
  ping: () => Promise<unknown>,
): Promise<string> {
  const die = dice(seed);
  const name = die.of(PROJECTS);
  const happenings = new Happenings(world, recorded, die, { name, number: seed, ping });
  await settled(takeIn(world, happenings.assigned()));
  const id = await world.items.ofIssue(giteaIssueKey(`acme/${name}`, seed));
  if (id === null) throw new Error(`seed ${seed} has no item`);
  for (let moment = 0; moment < MOMENTS; moment += 1) {
    const item = await world.items.find(id);
    if (item === null) throw new Error(`${id} is gone`);
    const count = die.of(AT_ONCE);
    const acts = Array.from({ length: count }, () => happenings.next(item));
    await Promise.all(acts.map((act) => settled(act())));
  }
  // What the sweep of every 15 s does; then somebody ends what is still under way.
  await driveOutbox(world, id);
  await takeIn(world, happenings.cancelled());
  await driveOutbox(world, id);
  await admit(world);
  return id;
}

/** A process that died says nothing. */
async function settled(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Died)) throw error;
  }
}

function fleetOf(): Fleet {
  const agents = Object.fromEntries(ROLES.map((role) => [role, AGENT]));
  return {
    bot: "devbot",
    approvers: ["mira"],
    projects: PROJECTS.map((name, index) =>
      project({
        name,
        repo: `acme/${name}`,
        plane: null,
        prefix: ["FU", "WA", "DI", "LA"][index] ?? "XX",
        pipeline: name,
        maxConcurrentRuns: 10_000,
        agents,
      }),
    ),
    pipelines: PIPELINES,
    models: {},
    limits: { developerRuns: CAP },
  };
}
