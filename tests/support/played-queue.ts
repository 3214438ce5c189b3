import type { FlowPlan, Flows } from "../../src/engine/flows.js";
import type { JobOutcome } from "../../src/engine/jobs.js";

type Kind = "edge" | "slot" | "run" | "gate" | "advance";
type State = "waiting" | "parked" | "ready" | "at-work" | "done" | "failed";

export interface PlayedJob {
  readonly id: string;
  readonly kind: Kind;
  readonly plan: FlowPlan;
  /** Of an edge. */
  readonly blocker: string | null;
  readonly parent: string | null;
  state: State;
  open: number;
  failures: number;
}

/** A queue in memory whose jobs are worked off one by one, in whatever order a test likes. */
export interface PlayedQueue {
  readonly flows: Flows;
  /** Jobs a worker could take now. */
  ready(): PlayedJob[];
  failed(): PlayedJob[];
  /** What the board's retry does. */
  retry(job: PlayedJob): void;
  work(job: PlayedJob, process: (job: PlayedJob) => Promise<JobOutcome>): Promise<void>;
}

export function playQueue(): PlayedQueue {
  const jobs = new Map<string, PlayedJob>();
  const inState = (state: State) => [...jobs.values()].filter((job) => job.state === state);
  const add = (job: Omit<PlayedJob, "failures">) => {
    if (!jobs.has(job.id)) jobs.set(job.id, { ...job, failures: 0 });
  };
  const edgeId = (item: string, version: number, blocker: string) =>
    `${item}-v${version}-edge-${blocker}`;

  const end = (job: PlayedJob) => {
    job.state = "done";
    const parent = job.parent === null ? undefined : jobs.get(job.parent);
    if (parent === undefined) return;
    parent.open -= 1;
    if (parent.open === 0 && parent.state === "waiting") parent.state = "ready";
  };

  const addPlan = (plan: FlowPlan) => {
    const { item, version, evaluation } = plan;
    const id = `${item}-v${version}`;
    const [advance, gate] = [`${id}-advance-${evaluation}`, `${id}-gate-${evaluation}`];
    if (jobs.has(advance)) return;
    const of = { plan, blocker: null };
    add({ ...of, id: advance, kind: "advance", parent: null, state: "waiting", open: 1 });
    const looks = plan.run === null;
    const state = looks ? "ready" : "waiting";
    add({ ...of, id: gate, kind: "gate", parent: advance, state, open: looks ? 0 : 1 });
    if (plan.run === null) return;
    const { unmet } = plan.run;
    const run = `${id}-run`;
    const open = unmet.length + 1;
    add({ ...of, id: run, kind: "run", parent: gate, state: "waiting", open });
    const parked = { plan, parent: run, state: "parked", open: 0 } as const;
    add({ ...parked, id: `${id}-slot`, kind: "slot", blocker: null });
    for (const blocker of unmet) {
      add({ ...parked, id: edgeId(item, version, blocker), kind: "edge", blocker });
    }
  };

  return {
    flows: {
      async add(plan) {
        addPlan(plan);
        return false;
      },
      async promote({ id }) {
        const job = jobs.get(id);
        if (job?.state !== "parked") return false;
        job.state = "ready";
        return true;
      },
      wakeAt: async () => undefined,
      slotJob: (item, version) => ({ queue: "slots", id: `${item}-v${version}-slot` }),
      runJob: (item, version) => ({ queue: "runs", id: `${item}-v${version}-run` }),
      edgeJob: (item, version, blocker) => ({
        queue: "dependencies",
        id: edgeId(item, version, blocker),
      }),
      async discard(item, version) {
        const flow = [...jobs.values()].filter(
          ({ plan }) => plan.item === item && plan.version === version && plan.run !== null,
        );
        // What is under way can't be removed, nor what waits for it.
        if (flow.some(({ state }) => state === "at-work")) return;
        for (const { id } of flow) jobs.delete(id);
      },
    },
    ready: () => inState("ready"),
    failed: () => inState("failed"),
    retry(job) {
      job.state = "ready";
    },
    async work(job, process) {
      job.state = "at-work";
      const outcome = await process(job);
      switch (outcome.kind) {
        case "finished":
        case "stale":
          return end(job);
        case "later":
          job.state = "ready";
          return;
        case "failed":
          job.state = "failed";
          job.failures += 1;
          return;
        case "parked":
          job.state = "parked";
          await outcome.afterwards?.();
      }
    },
  };
}
