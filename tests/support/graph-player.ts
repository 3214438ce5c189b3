import type { DomainEvent, IssueAction } from "../../src/domain/events.js";
import type { IssueKey } from "../../src/domain/issue.js";
import { EMPTY_REPORT } from "../../src/domain/run.js";
import { isFinished, type WorkItem } from "../../src/domain/work-item.js";
import { advance } from "../../src/engine/advance.js";
import { evaluateGate } from "../../src/engine/evaluate.js";
import type { JobOutcome } from "../../src/engine/jobs.js";
import { pollEntry } from "../../src/engine/outbox.js";
import { checkEdge, checkSlot } from "../../src/engine/parked.js";
import { runStage } from "../../src/engine/run-stage.js";
import { pollEdges } from "../../src/intake/edge-poll.js";
import { takeIn } from "../../src/intake/intake.js";
import type { Dice } from "./dice.js";
import { edgeOf, type GraphModel, type ModelIssue } from "./graph-model.js";
import type { World } from "./interleavings.js";
import type { PlayedJob, PlayedQueue } from "./played-queue.js";

const NEVER = new AbortController().signal;

/** Does to a graph what people, trackers and workers do, and keeps the model's books of it. */
export class GraphPlayer {
  readonly broken: string[] = [];
  /** How often an agent's run may fail by itself. */
  failing = 0.12;
  #deliveries = 0;
  readonly #parts: { world: World; queue: PlayedQueue; model: GraphModel; dice: Dice };

  constructor(world: World, queue: PlayedQueue, model: GraphModel, dice: Dice) {
    this.#parts = { world, queue, model, dice };
  }

  async itemOf(key: IssueKey): Promise<WorkItem | null> {
    const { items } = this.#parts.world;
    const id = await items.ofIssue(key);
    return id === null ? null : items.find(id);
  }

  /** Issues that hold nobody up. */
  async met(): Promise<Set<IssueKey>> {
    const { issues, done } = this.#parts.model;
    const met = new Set(done);
    for (const { key, open } of issues) {
      if (!open && (await this.itemOf(key)) === null) met.add(key);
    }
    return met;
  }

  async work(job: PlayedJob): Promise<void> {
    const { queue } = this.#parts;
    await queue.work(job, (taken) => this.#process(taken));
  }

  async #process(job: PlayedJob): Promise<JobOutcome> {
    const { world } = this.#parts;
    const { plan } = job;
    switch (job.kind) {
      case "edge":
        return checkEdge(world, { ...plan, blocker: job.blocker ?? "" });
      case "slot":
        return checkSlot(world, plan);
      case "gate":
        return evaluateGate(world, plan, NEVER);
      case "advance":
        return advance(world, plan);
      case "run":
        return this.#run(job);
    }
  }

  /** The agent must find none of the blockers open that the fleet knew of when its job began. */
  async #run(job: PlayedJob): Promise<JobOutcome> {
    const { world, model, dice } = this.#parts;
    const { item } = job.plan;
    const fails = dice.chance(this.failing);
    const found = await world.items.find(item);
    const key =
      model.issues.find(({ number }) => found !== null && number === found.order)?.key ?? "";
    const before = model.unmet(key, new Set());
    const scripted = async () => {
      const met = await this.met();
      const open = model.unmet(key, met).filter((blocker) => before.includes(blocker));
      if (open.length > 0) this.broken.push(`${item} started before ${open.join(", ")}`);
      const report = EMPTY_REPORT;
      return fails
        ? ({ kind: "failed", reason: "it gave up", report } as const)
        : ({ kind: "finished", report } as const);
    };
    const start = { failures: job.failures, afterFault: false };
    return runStage({ ...world, runners: { scripted } }, job.plan, NEVER, start);
  }

  async assign(issue: ModelIssue): Promise<void> {
    issue.assigned = true;
    const had = (await this.itemOf(issue.key)) !== null;
    await this.#deliver(issue, this.#about(issue, "assigned"));
    if (had) return;
    this.#know(issue, this.#parts.model.textEdges(issue), "text");
    this.#know(issue, this.#parts.model.trackerEdges(issue), "tracker");
  }

  async unassign(issue: ModelIssue): Promise<void> {
    issue.assigned = false;
    await this.#deliver(issue, this.#about(issue, "unassigned"));
  }

  async close(issue: ModelIssue): Promise<void> {
    issue.open = false;
    await this.#deliver(issue, this.#about(issue, "closed"));
  }

  /** The text was changed in the model before; the webhook comes now. */
  async edited(issue: ModelIssue): Promise<void> {
    const { model } = this.#parts;
    const source = `text ${issue.key}`;
    const now = model.textEdges(issue);
    // What is gone may take effect from here on, what is new by the end of this.
    model.tell(
      source,
      [...model.told(source)].filter((edge) => now.includes(edge)),
    );
    const item = await this.itemOf(issue.key);
    await this.#deliver(issue, this.#about(issue, "edited"));
    if (item !== null) this.#know(issue, now, "text");
  }

  async poll(issue: ModelIssue): Promise<void> {
    const { world, model } = this.#parts;
    const item = await this.itemOf(issue.key);
    // Nobody asks any more what blocks an item that has ended.
    if (item === null || isFinished(item)) return;
    const source = `tracker ${issue.key}`;
    const now = model.trackerEdges(issue);
    const kept = [...model.told(source)].filter((edge) => now.includes(edge));
    model.tell(source, kept);
    await world.graph.agenda.putOff(pollEntry(item.id), 0);
    await pollEdges(world);
    // Another poll, or a delivery, may have had its turn: then this one looked away.
    const stated = await world.graph.stated({ by: "tracker", issue: issue.key });
    const known = stated.map(({ dependent, blocker }) => edgeOf(dependent, blocker));
    this.#know(
      issue,
      known.filter((edge) => now.includes(edge)),
      "tracker",
    );
  }

  async unblock(issue: ModelIssue, blocker: IssueKey): Promise<void> {
    const { world, model } = this.#parts;
    const edge = edgeOf(issue.key, blocker);
    model.waived.add(edge);
    await this.say(issue, `/unblock ${blocker.replace("gitea:", "")}`);
    if (!(await world.graph.waived(issue.key)).includes(blocker)) model.waived.delete(edge);
  }

  async say(issue: ModelIssue, text: string): Promise<void> {
    const commentId = `${issue.number}0${this.#deliveries}`;
    const on = { number: issue.number, planeId: null, onPullRequest: false };
    const from = { project: issue.project, tracker: "gitea" } as const;
    await this.#deliver(issue, {
      ...from,
      kind: "comment",
      commentId,
      ...on,
      author: ["mira"],
      text,
    });
  }

  #know(issue: ModelIssue, edges: readonly string[], by: "text" | "tracker"): void {
    this.#parts.model.tell(`${by} ${issue.key}`, edges);
  }

  #about(issue: ModelIssue, action: IssueAction): DomainEvent {
    const { number, project, open, assigned } = issue;
    const about = { number, planeId: null, title: `Issue ${number}`, url: null };
    const updatedAt = new Date(Date.UTC(2026, 0, 1) + this.#deliveries * 1_000).toISOString();
    return {
      kind: "issue",
      tracker: "gitea",
      project,
      action,
      ...about,
      assigned,
      open,
      updatedAt,
    };
  }

  async #deliver(issue: ModelIssue, event: DomainEvent): Promise<void> {
    this.#deliveries += 1;
    const count = this.#deliveries;
    const delivery = {
      delivery: `gitea:${issue.number}-${count}`,
      fingerprint: `${count}x${issue.number}`.padStart(16, "0"),
      event,
      receivedAt: "2026-01-01T00:00:00.000Z",
    };
    for (;;) {
      const outcome = await takeIn(this.#parts.world, delivery);
      if (outcome.kind !== "later") return;
      // Another delivery of this issue is being taken in.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
