import { describe, expect, it, onTestFinished } from "vitest";
import { coreOf } from "../../src/cli/wiring/core.js";
import { agentDeps, type FleetParts, stageDeps } from "../../src/cli/wiring/fleet.js";
import { openStore } from "../../src/cli/wiring/store.js";
import { jobIds } from "../../src/domain/ids.js";
import { runStarted } from "../../src/domain/run-life.js";
import { admit } from "../../src/engine/admission.js";
import { advance } from "../../src/engine/advance.js";
import { type EvaluateDeps, evaluateGate } from "../../src/engine/evaluate.js";
import type { Flows } from "../../src/engine/flows.js";
import { driveOutbox, type OutboxDeps } from "../../src/engine/outbox.js";
import type { RunDeps } from "../../src/engine/run-deps.js";
import { runStage } from "../../src/engine/run-stage.js";
import type { SlotHolder } from "../../src/engine/slots.js";
import type { OpenCheckout } from "../../src/engine/workspace.js";
import type { QueueName } from "../../src/queue/catalog.js";
import { instantWorkspace } from "../support/instant-workspace.js";
import { newItem } from "../support/new-item.js";
import { REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";

const TRIES = 200;
const AT_ONCE = 10;
const FIRST = { failures: 0, afterFault: false };

/** One worker's engine: agents, gates and transitions over connections of its own. */
interface Engine {
  readonly core: OutboxDeps;
  readonly runs: RunDeps;
  readonly gates: EvaluateDeps;
}

async function engineOf(parts: FleetParts): Promise<Engine> {
  const workspace = instantWorkspace();
  return {
    core: coreOf(parts.config, parts.store, parts.log),
    runs: { ...(await agentDeps(parts)), workspace },
    gates: { ...stageDeps(parts), workspace },
  };
}

/** The fleet's own engine and one of another worker. */
async function twoEngines({ parts }: RunningFleet): Promise<readonly [Engine, Engine]> {
  const store = await openStore(parts.config, parts.config.environment.redisUrl ?? "", parts.log, {
    role: "worker",
  });
  onTestFinished(() => store.close());
  return [await engineOf(parts), await engineOf({ ...parts, store })];
}

/** Two stages without gates, so that nothing but the engine takes part; slots enough for all tries. */
function racingFleet(): Promise<RunningFleet> {
  return runFleet({
    workers: [],
    projects: { [REPO]: { pipeline: "quick", maxConcurrentRuns: TRIES + 1 } },
    file: {
      pipelines: {
        quick: [
          { stage: "development", agent: "developer" },
          { stage: "review", agent: "reviewer" },
        ],
      },
    },
  });
}

/** One stage, one agent at a time. */
function oneSlotFleet(): Promise<RunningFleet> {
  return runFleet({
    workers: [],
    projects: { [REPO]: { pipeline: "short", maxConcurrentRuns: 1 } },
    file: { pipelines: { short: [{ stage: "development", agent: "developer" }] } },
  });
}

async function inRounds(count: number, work: (number: number) => Promise<void>): Promise<void> {
  for (let first = 1; first <= count; first += AT_ONCE) {
    const numbers = Array.from({ length: AT_ONCE }, (_, index) => first + index);
    await Promise.all(numbers.map(work));
  }
}

describe("two workers with the same work", () => {
  it("finish the same run at once: one transition and one next flow, in 200 tries", async () => {
    const fleet = await racingFleet();
    const engines = await twoEngines(fleet);
    const { items, queues } = fleet.store;
    const signal = new AbortController().signal;

    await inRounds(TRIES, async (number) => {
      const { id } = await newItem(engines[0].core, number);
      const job = { item: id, version: 1 };
      const evaluation = { ...job, evaluation: "run" };
      await Promise.all(engines.map(({ runs }) => runStage(runs, job, signal, FIRST)));
      await Promise.all(
        engines.map(({ gates }) => evaluateGate(gates, { ...evaluation, trigger: "run" }, signal)),
      );
      await Promise.all(engines.map(({ core }) => advance(core, evaluation)));

      const history = await items.history(id);
      expect(history.map(({ kind, to }) => `${kind} ${to}`)).toEqual([
        "started development",
        "run development",
        "verdict null",
        "transition review",
      ]);
      expect(await items.find(id)).toMatchObject({ version: 2, stage: "review", developerRuns: 1 });
      const runs = await items.runs(id);
      expect(runs.filter(({ ending }) => ending === "succeeded")).toHaveLength(1);
      expect(runs.filter(({ ending }) => ending === null)).toEqual([]);
      expect(await items.owed(id)).toEqual([]);
      expect(await queues.get("runs").getJob(jobIds.run(id, 2))).toBeDefined();
    });

    // One flow for each of the two versions of each item, and no effect left behind.
    expect(await jobCount(fleet, "stages")).toBe(2 * TRIES);
    expect(await jobCount(fleet, "runs")).toBe(2 * TRIES);
    expect(await items.inOutbox(Number.MAX_SAFE_INTEGER, 1)).toEqual([]);
  });

  it("take a run over before it is over: its late end leaves its successor the slot", async () => {
    const fleet = await racingFleet();
    const [one, other] = await twoEngines(fleet);
    const { id } = await newItem(one.core, 1);
    const job = { item: id, version: 1 };
    const { signal } = new AbortController();
    const { slots } = other.runs;
    let held: readonly SlotHolder[] = [];
    let first: Promise<unknown> = Promise.resolve();
    const runs: RunDeps = {
      ...other.runs,
      slots: {
        ...slots,
        async hold(item, version, now, leaseMs, run) {
          if (run !== undefined) {
            await first;
            held = await one.core.slots.holders();
          }
          return slots.hold(item, version, now, leaseMs, run);
        },
      },
    };
    let second: Promise<unknown> = Promise.resolve();
    const workspace = {
      ...one.runs.workspace,
      async open(request: OpenCheckout) {
        second = runStage(runs, job, signal, FIRST);
        await expect.poll(async () => (await fleet.store.items.runs(id)).length).toBe(2);
        return one.runs.workspace.open(request);
      },
    };
    first = runStage({ ...one.runs, workspace }, job, signal, FIRST);
    await first;
    await second;
    expect(held.map(({ run }) => run)).toEqual(["ET-001-v1-a2"]);
    const ended = (await fleet.store.items.runs(id)).map(({ ending }) => ending);
    expect(ended).toEqual(["superseded", "succeeded"]);
    expect(await one.core.slots.holders()).toEqual([]);
  });

  it("ask for the same item at once: one item, one flow", async () => {
    const fleet = await racingFleet();
    const engines = await twoEngines(fleet);
    await inRounds(50, async (number) => {
      const both = await Promise.all(engines.map(({ core }) => newItem(core, number)));
      expect(both[0]?.id).toBe(both[1]?.id);
      expect(await fleet.store.items.history(both[0]?.id ?? "")).toHaveLength(1);
    });
    expect(await jobCount(fleet, "stages")).toBe(50);
  });
});

describe("two workers that admit", () => {
  it("start an item whose slot was granted before its job was there", async () => {
    const fleet = await oneSlotFleet();
    const [{ core: one }, { core: other }] = await twoEngines(fleet);
    const { id: busy } = await newItem(one, 1);
    const late = addingBy(one, async (flow) => {
      await placed(one, flow.item);
      await one.slots.release(busy, 1);
      await admit(other);
      return one.flows.add(flow);
    });
    const { id } = await newItem(late, 2);
    const slots = fleet.store.queues.get("slots");
    expect(await (await slots.getJob(jobIds.slot(id, 1)))?.getState()).toBe("waiting");
    expect((await one.slots.admit(Date.now())).grants).toEqual([]);
  });
});

describe("an item that moves on while its flow is added", () => {
  it("leaves neither jobs nor a place among the ready behind", async () => {
    const fleet = await oneSlotFleet();
    const [{ core: one }, { core: other }] = await twoEngines(fleet);
    const late = addingBy(one, async (flow) => {
      await placed(one, flow.item);
      await other.items.transition(flow.item, (item) => ({
        item: { ...item, version: 2, status: "cancelled" },
        history: [],
        effects: [],
      }));
      await other.slots.release(flow.item, 1);
      await other.flows.discard(flow.item, 1);
      return one.flows.add(flow);
    });
    const { id } = await newItem(late, 1);
    expect(await one.slots.placeOf(id)).toBeNull();
    for (const queue of ["slots", "runs", "gates", "stages"] as const) {
      expect(await jobCount(fleet, queue), queue).toBe(0);
    }
  });
});

describe("a run's job", () => {
  it("ends as the run did, though others wrote before the lost answer was asked for again", async () => {
    const fleet = await oneSlotFleet();
    const { core, runs } = await engineOf(fleet.parts);
    const { id } = await newItem(core, 1);
    const { items } = runs;
    const transition: typeof items.transition = async (item, change, seen) => {
      const done = await items.transition(item, change, seen);
      if (done?.item.run?.ending !== "succeeded") return done;
      await items.transition(item, (now) => ({
        item: { ...now, title: "Edited" },
        history: [],
        effects: [],
      }));
      return items.transition(item, change);
    };
    const job = { item: id, version: 1 };
    const deps = { ...runs, items: { ...items, transition } };
    const outcome = await runStage(deps, job, new AbortController().signal, FIRST);
    expect(outcome.kind).toBe("finished");
    const [record] = await items.runs(id);
    expect(record).toMatchObject({ ending: "succeeded" });
    expect(record?.late).toBeUndefined();
  });

  it("leaves no place among the ready where nobody starts, though a run began once", async () => {
    const fleet = await oneSlotFleet();
    const { core, runs } = await engineOf(fleet.parts);
    await newItem(core, 1);
    const { id } = await newItem(core, 2);
    expect(await core.slots.placeOf(id)).toMatchObject({ place: "ready" });
    const at = new Date().toISOString();
    const cause = { id: "lost", text: "a lost worker", at };
    await core.items.transition(id, (item) => runStarted(item, "developer", null, cause));
    await core.items.transition(id, (item) => ({
      item: { ...item, status: "cancelled" },
      history: [],
      effects: [],
    }));
    const job = { item: id, version: 1 };
    expect((await runStage(runs, job, new AbortController().signal, FIRST)).kind).toBe("stale");
    expect(await core.slots.placeOf(id)).toBeNull();
  });
});

describe("an item that moved on before a look at its gate was asked for", () => {
  it("keeps on the board what its run's flow was", async () => {
    const fleet = await oneSlotFleet();
    const { core } = await engineOf(fleet.parts);
    const { id } = await newItem(core, 1);
    const look = {
      kind: "flow",
      version: 1,
      evaluation: "c1",
      trigger: "person",
      run: false,
    } as const;
    await core.items.transition(id, (item) => ({
      item: { ...item, version: 2, stage: "done", status: "done" },
      history: [],
      effects: [{ ...look, id: "late" }],
    }));
    await driveOutbox(core, id);
    expect(await core.items.owed(id)).toEqual([]);
    expect(await fleet.store.queues.get("runs").getJob(jobIds.run(id, 1))).toBeDefined();
    expect(await fleet.store.queues.get("gates").getJob(jobIds.gate(id, 1, "c1"))).toBeUndefined();
  });
});

describe("an item whose flow can't be added", () => {
  it("keeps nobody from the slot it was granted, and starts once its flow can be", async () => {
    const fleet = await oneSlotFleet();
    const { core: one } = await engineOf(fleet.parts);
    const add = async () => {
      throw new Error("no flow today");
    };
    const hindered = addingBy(one, add);
    await expect(newItem(hindered, 1)).rejects.toThrow("no flow today");
    expect(await one.slots.holders()).toEqual([]);
    const { id } = await newItem(one, 1);
    expect(await one.slots.placeOf(id)).toEqual({ place: "slot", version: 1 });
    const slots = fleet.store.queues.get("slots");
    expect(await (await slots.getJob(jobIds.slot(id, 1)))?.getState()).toBe("waiting");
  });

  it("leaves its slot to who came meanwhile, at once", async () => {
    const fleet = await oneSlotFleet();
    const { core: one } = await engineOf(fleet.parts);
    let next = "";
    const add = async () => {
      next = (await newItem(one, 2)).id;
      throw new Error("no flow today");
    };
    const hindered = addingBy(one, add);
    await expect(newItem(hindered, 1)).rejects.toThrow("no flow today");
    const slots = fleet.store.queues.get("slots");
    expect(await (await slots.getJob(jobIds.slot(next, 1)))?.getState()).toBe("waiting");
  });
});

/** The same engine, whose flows are added so. */
function addingBy(deps: OutboxDeps, add: Flows["add"]): OutboxDeps {
  return { ...deps, flows: { ...deps.flows, add } };
}

/** It stands in the ready set, or has its slot. */
async function placed({ slots }: OutboxDeps, item: string): Promise<void> {
  await expect.poll(() => slots.placeOf(item), { timeout: 30_000 }).not.toBeNull();
}

function jobCount({ store }: RunningFleet, queue: QueueName): Promise<number> {
  return store.queues.get(queue).getJobCountByTypes();
}
