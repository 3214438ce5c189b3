import { CONFLICT, QUESTIONS } from "../../src/domain/artifacts.js";
import type { DomainEvent, IssueAction } from "../../src/domain/events.js";
import { stepAt } from "../../src/domain/pipeline.js";
import { EMPTY_REPORT, type RunnerEnding } from "../../src/domain/run.js";
import type { Verdict } from "../../src/domain/verdict.js";
import type { WorkItem } from "../../src/domain/work-item.js";
import { advance } from "../../src/engine/advance.js";
import { evaluateGate } from "../../src/engine/evaluate.js";
import type { FlowPlan } from "../../src/engine/flows.js";
import type { JobOutcome } from "../../src/engine/jobs.js";
import { driveOutbox } from "../../src/engine/outbox.js";
import { checkSlot } from "../../src/engine/parked.js";
import { runStage } from "../../src/engine/run-stage.js";
import { type Workspace, WorkspaceError } from "../../src/engine/workspace.js";
import { takeIn } from "../../src/intake/intake.js";
import type { AcceptedDelivery } from "../../src/webhooks/ports.js";
import type { Dice } from "./dice.js";
import type { World } from "./interleavings.js";
import type { RecordedFlows } from "./recorded-flows.js";

/** A process that is gone in the middle of what it did. */
export class Died extends Error {}

type Act = () => Promise<unknown>;
const NEVER = new AbortController().signal;

/**
 * What may happen to one item. The dice are thrown when something is planned, not while it runs, so
 * that a seed repeats its choices however Redis answers.
 */
export class Happenings {
  readonly #world: World;
  readonly #recorded: RecordedFlows;
  readonly #dice: Dice;
  readonly #about: { name: string; number: number; ping: () => Promise<unknown> };
  readonly #delivered: AcceptedDelivery[] = [];

  constructor(
    world: World,
    recorded: RecordedFlows,
    dice: Dice,
    about: { name: string; number: number; ping: () => Promise<unknown> },
  ) {
    this.#world = world;
    this.#recorded = recorded;
    this.#dice = dice;
    this.#about = about;
  }

  assigned(): AcceptedDelivery {
    return this.#issue("assigned", true);
  }

  cancelled(): AcceptedDelivery {
    return this.#comment("/cancel", "mira");
  }

  /** What happens next, planned on what is seen of the item now. */
  next(item: WorkItem): Act {
    const world = this.#dice.chance(0.12) ? this.#mortal() : this.#world;
    if (this.#dice.chance(0.78)) return this.#job(world, item);
    if (this.#dice.chance(0.12)) return () => driveOutbox(world, item.id);
    const again = this.#delivered.length > 0 && this.#dice.chance(0.15);
    const delivery = again ? this.#dice.of(this.#delivered) : this.#delivery(item);
    return () => takeIn(world, delivery);
  }

  /** Any job there ever was: mostly of the last flow, and mostly the one whose turn it is. */
  #job(world: World, item: WorkItem): Act {
    const plans = this.#recorded.plansOf(item.id);
    const last = plans.at(-1);
    if (last === undefined) return () => driveOutbox(world, item.id);
    const plan = this.#dice.chance(0.85) ? last : this.#dice.of(plans);
    const run = this.#run(world, plan);
    const look = this.#look(world, plan, item);
    const move = () => advance(world, plan);
    const slot = () => carriedOn(checkSlot(world, plan));
    if (plan !== last || this.#dice.chance(0.2)) return this.#dice.of([run, look, move, slot]);
    const looked = item.verdicts[plan.evaluation] !== undefined;
    if (looked) return move;
    return plan.run !== null && item.run?.ending !== "succeeded" ? run : look;
  }

  #run(world: World, plan: FlowPlan): Act {
    const ending = this.#ending();
    const superseded = this.#dice.chance(0.08);
    const lingers = this.#dice.below(6);
    const workspace = superseded ? losing(world.workspace) : world.workspace;
    const scripted = async () => {
      for (let answer = 0; answer < lingers; answer += 1) await this.#about.ping();
      return ending;
    };
    // Taken over from a worker that died, or retried in the board.
    const start = { failures: this.#dice.below(4), afterFault: this.#dice.chance(0.1) };
    const deps = { ...world, workspace, runners: { scripted } };
    return () => carriedOn(runStage(deps, plan, NEVER, start));
  }

  #ending(): RunnerEnding {
    const report = EMPTY_REPORT;
    if (this.#dice.chance(0.7)) return { kind: "finished", report };
    return this.#dice.of<RunnerEnding>([
      { kind: "failed", reason: "it gave up", report },
      { kind: "timed_out", afterMs: 60_000, report },
      { kind: "silent", silentForMs: 60_000, report },
      { kind: "transient", reason: "no network", report },
      { kind: "limited", until: new Date(0), report },
      { kind: "cancelled", report },
    ]);
  }

  #look(world: World, plan: FlowPlan, item: WorkItem): Act {
    const verdict = this.#verdict(item);
    const gateNamed = () => async (context: { commit: string }) => ({
      ...verdict,
      commit: context.commit,
    });
    return () => evaluateGate({ ...world, gateNamed }, plan, NEVER);
  }

  #verdict(item: WorkItem): Verdict {
    const pipeline = this.#world.fleet.pipelines[item.pipeline];
    const gate = (pipeline && stepAt(pipeline, item.stage)?.gate) ?? "";
    const artifact = this.#dice.of([QUESTIONS, CONFLICT, "12-review.md"]);
    return {
      gate,
      passed: this.#dice.chance(0.6),
      reason: this.#dice.of(["no", "not yet", "not at all"]),
      evidence: "tail",
      commit: null,
      ...(this.#dice.chance(0.2) && { pending: true }),
      ...(this.#dice.chance(0.6) && { findings: { artifact, text: "why" } }),
    };
  }

  /** What people and CI do to the issue, its branch and its pull request. */
  #delivery(item: WorkItem): AcceptedDelivery {
    const { branch } = item;
    const commit = item.head ?? "0".repeat(40);
    const state = this.#dice.of(["success", "failure", "pending"] as const);
    const action = this.#dice.of(["approved", "rejected", "synchronized"] as const);
    const ends = this.#dice.chance(0.04);
    return this.#dice.of([
      () => this.#comment("/approve", "mira"),
      () => this.#comment("/reject It is too vague.", "mira"),
      () => this.#comment("/retry", "mira"),
      () => this.#comment("Port 3000.", "guest"),
      () => this.#comment("/retry", "guest"),
      () => this.#deliver({ kind: "checked", commit, context: "ci", state }),
      () => this.#deliver({ kind: "push", branch, before: commit, after: commit }),
      () => this.#deliver({ kind: "pull-request", action, number: 1, branch }),
      () => this.#issue("edited", true),
      () => {
        if (!ends) return this.#comment("/status", "mira");
        return this.#dice.of([
          () => this.#deliver({ kind: "pull-request", action: "merged", number: 1, branch }),
          () => this.#issue("unassigned", false),
          () => this.cancelled(),
        ])();
      },
    ])();
  }

  #comment(text: string, author: string): AcceptedDelivery {
    const commentId = `${this.#about.number}${this.#delivered.length}`;
    const { number } = this.#about;
    const on = { number, planeId: null, onPullRequest: false };
    return this.#deliver({ kind: "comment", commentId, ...on, author: [author], text });
  }

  #issue(action: IssueAction, assigned: boolean): AcceptedDelivery {
    const updatedAt = new Date(Date.UTC(2026, 0, 1) + this.#delivered.length * 1_000).toISOString();
    const { number } = this.#about;
    const about = { number, planeId: null, title: `Issue ${number}`, url: null };
    return this.#deliver({ kind: "issue", action, ...about, assigned, open: true, updatedAt });
  }

  #deliver(event: Undirected<DomainEvent>): AcceptedDelivery {
    const { name, number } = this.#about;
    const count = this.#delivered.length + 1;
    const delivery: AcceptedDelivery = {
      delivery: `gitea:${number}-${count}`,
      fingerprint: `${number}x${count}`.padStart(16, "0"),
      event: { ...event, project: name, tracker: "gitea" },
      receivedAt: "2026-01-01T00:00:00.000Z",
    };
    this.#delivered.push(delivery);
    return delivery;
  }

  /** A process that dies after one of its next writes. */
  #mortal(): World {
    let left = this.#dice.below(5);
    const world = this.#world;
    const orDie = async <T>(work: Promise<T>): Promise<T> => {
      const done = await work;
      left -= 1;
      if (left < 0) throw new Died();
      return done;
    };
    const { items, flows, slots, notifications } = world;
    return {
      ...world,
      items: {
        ...items,
        create: (transition, task) => orDie(items.create(transition, task)),
        transition: (id, change, seen) => orDie(items.transition(id, change, seen)),
        strikeOff: (id, effect) => orDie(items.strikeOff(id, effect)),
      },
      flows: {
        ...flows,
        add: (plan) => orDie(flows.add(plan)),
        promote: (job) => orDie(flows.promote(job)),
      },
      slots: {
        ...slots,
        becomeReady: (item, now) => orDie(slots.becomeReady(item, now)),
        admit: (now, afresh) => orDie(slots.admit(now, afresh)),
        release: (item, version, run) => orDie(slots.release(item, version, run)),
      },
      notifications: { add: (notification) => orDie(notifications.add(notification)) },
    };
  }
}

/** Without what all events of an item have in common. */
type Undirected<Event> = Event extends DomainEvent ? Omit<Event, "project" | "tracker"> : never;

/** A job that parks does what it has to do afterwards. */
async function carriedOn(work: Promise<JobOutcome>): Promise<void> {
  const outcome = await work;
  if (outcome.kind === "parked") await outcome.afterwards?.();
}

/** The branch moves under every run. */
function losing(workspace: Workspace): Workspace {
  return {
    ...workspace,
    async open(request) {
      const push = () => Promise.reject(new WorkspaceError("superseded", "the branch moved"));
      return { ...(await workspace.open(request)), push };
    },
  };
}
