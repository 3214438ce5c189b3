import { createHash } from "node:crypto";
import type { Count } from "../../domain/counts.js";
import type { DomainEvent } from "../../domain/events.js";
import type { Project } from "../../domain/fleet.js";
import type { Recovery } from "../../domain/recovery.js";
import type { WorkItem } from "../../domain/work-item.js";
import type { QueueLooks } from "../../engine/queue-looks.js";
import type { Forge, Tracker, TrackerPlace } from "../../engine/tracker.js";
import type { AcceptedDelivery } from "../../webhooks/ports.js";
import type { IntakeDeps } from "../deps.js";

/** The way of a delivery, for what was missed. */
export interface RecoveryQueue {
  /** False: the same was found before. */
  add(delivery: AcceptedDelivery): Promise<boolean>;
}

/** What the fleet remembers from one round to the next. */
export interface Memory {
  get(name: string): Promise<string | null>;
  put(name: string, value: string): Promise<void>;
  /** Keeps what was put first, and returns it. */
  first(name: string, value: string): Promise<string>;
  /** Names under which something is kept that begin with this. */
  names(prefix: string): Promise<readonly string[]>;
  forget(names: readonly string[]): Promise<void>;
}

type Needed = Exclude<keyof IntakeDeps, "parseMetadata" | "bodyOf" | "locks">;

export interface ReconcileDeps extends Pick<IntakeDeps, Needed> {
  readonly recoveries: RecoveryQueue;
  readonly jobs: QueueLooks;
  readonly memory: Memory;
  /** Counts what concerns no item. */
  readonly count: (count: Count) => Promise<void>;
  /** Replaces secrets in what others said, before people read it. */
  readonly mask: (text: string) => string;
  /** Asked before each piece of work. @throws RoundOver */
  readonly goOn: () => void;
}

/** The worker stops, or the round has taken its time: the next one goes on. */
export class RoundOver extends Error {
  readonly code = "round-over";
  constructor() {
    super("the round is over");
    this.name = "RoundOver";
  }
}

/** A project with its items that haven't ended. */
export interface ProjectLook {
  readonly project: Project;
  readonly items: readonly WorkItem[];
}

/** A place where issues of the project are, with the tracker that is asked. */
export interface PlaceLook extends ProjectLook {
  readonly place: TrackerPlace;
  readonly tracker: Tracker;
}

/** The project's repository, with the forge that is asked. */
export interface RepositoryLook extends ProjectLook {
  readonly repo: string;
  readonly forge: Forge;
}

/** One comparison. It repairs what it finds, and may be broken off anywhere. */
interface CheckOf<Asks extends string, Look extends readonly unknown[]> {
  readonly name: string;
  readonly asks: Asks;
  look(deps: ReconcileDeps, ...look: Look): Promise<void>;
}

/** Whom a check asks says how often it is made: for each place, each repository, each project, or once. */
export type PlaceCheck = CheckOf<"tracker", [look: PlaceLook]>;
export type RepositoryCheck = CheckOf<"forge", [look: RepositoryLook]>;
export type ProjectCheck = CheckOf<"store", [look: ProjectLook]>;
export type FleetCheck = CheckOf<"fleet", []>;

/**
 * Brings in by the way of a delivery what no delivery told of. The fingerprint is made of what was
 * found, so finding it again, in this round or another, changes nothing: false.
 */
export async function recover(
  deps: ReconcileDeps,
  recovery: Recovery,
  event: DomainEvent,
  found: readonly (string | number)[],
): Promise<boolean> {
  const facts = JSON.stringify(["reconcile", recovery.kind, event.project, ...found]);
  const fingerprint = createHash("sha256").update(facts).digest("hex");
  const delivery = `reconciler:${fingerprint.slice(0, 16)}`;
  const receivedAt = new Date(deps.clock()).toISOString();
  const isNew = await deps.recoveries.add({ delivery, fingerprint, event, receivedAt, recovery });
  if (isNew) deps.log.info({ delivery, kind: recovery.kind, found }, "found what was missed");
  return isNew;
}

/**
 * At most so many of these, going on next time where this one ends: what there is too much of for
 * one round is looked at in turn.
 */
export async function inTurn<T extends { readonly id: string }>(
  { memory }: Pick<ReconcileDeps, "memory">,
  name: string,
  all: readonly T[],
  most: number,
): Promise<readonly T[]> {
  if (all.length <= most) return all;
  const sorted = [...all].sort((one, other) => (one.id < other.id ? -1 : 1));
  const last = (await memory.get(`turn:${name}`)) ?? "";
  const next = sorted.findIndex(({ id }) => id > last);
  const from = next === -1 ? 0 : next;
  const turn = [...sorted.slice(from), ...sorted.slice(0, from)].slice(0, most);
  await memory.put(`turn:${name}`, turn.at(-1)?.id ?? "");
  return turn;
}
