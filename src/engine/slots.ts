import type { Role } from "../domain/stage.js";

/** An item that could run now, if it had a slot. */
export interface ReadyItem {
  readonly item: string;
  readonly version: number;
  readonly project: string;
  readonly order: number;
  readonly role: Role;
  readonly provider: string;
  /** The job a granted slot promotes. */
  readonly job: ParkedJob;
}

/** A job parked until its condition holds. */
export interface ParkedJob {
  readonly queue: "slots" | "dependencies" | "runs";
  readonly id: string;
}

export interface SlotLimits {
  /** By project's name. */
  readonly projects: Readonly<Record<string, number>>;
  /** By role; absent: no limit of its own. */
  readonly roles: Readonly<Partial<Record<Role, number>>>;
}

export interface Grant {
  readonly item: string;
  readonly version: number;
  readonly job: ParkedJob;
}

export interface Admission {
  readonly grants: readonly Grant[];
  /** When to admit again although nothing appears, ms since epoch; null: somebody will, or nobody waits. */
  readonly again: number | null;
}

export interface SlotPlace {
  readonly place: "ready" | "slot";
  readonly version: number;
}

export interface SlotHolder {
  readonly item: string;
  readonly version: number;
  /** The run that occupies it; null: none yet. */
  readonly run: string | null;
}

/** A run that lives renews its lease well within this; it outlives the 15 s in which a lost agent dies. */
export const RUN_LEASE_MS = 60_000;
/**
 * Higher numbers of a project wait this long at most for a lower one, in ms: from when its delivery came
 * until somebody reads it, and again while it is read.
 */
export const EXPECTED_MS = 2_000;
/** A granted slot waits this long for a worker with room. */
export const GRANT_LEASE_MS = 600_000;

/** Who may run, decided in one place for the whole fleet (docs/decisions/0003-admission.md). */
export interface Slots {
  /** An item whose slot is still leased isn't queued again. */
  ready(item: ReadyItem, now: number): Promise<void>;
  /** `ready` and `admit` in one step. */
  becomeReady(item: ReadyItem, now: number): Promise<Admission>;
  /**
   * Gives back the slot of this version only, and without a run its place among the ready. One that a
   * run occupies is given back by that run alone, or by its lease, since its agent may still be at work
   * when the item has moved on.
   */
  release(item: string, version: number, run?: string): Promise<void>;
  /**
   * Takes free slots for ready items, repositories in turn and the lowest number first within one.
   * A grant is returned again until `promoted` confirms it. `afresh`: whoever was to admit again by
   * itself did so, or was lost.
   */
  admit(now: number, afresh?: boolean): Promise<Admission>;
  promoted(item: string): Promise<void>;
  /** Does this version hold a slot? Its lease then ends `leaseMs` from now, and `run` occupies it. */
  hold(item: string, version: number, now: number, leaseMs: number, run?: string): Promise<boolean>;
  /** Admits nobody of this provider until then; returns when its pause ends: never earlier than known. */
  pause(provider: string, until: number, now: number): Promise<number>;
  /** Where an item stands on its way to a run; null: it neither waits for a slot nor has one. */
  placeOf(item: string): Promise<SlotPlace | null>;
  /** Everybody who has a slot. */
  holders(): Promise<readonly SlotHolder[]>;
  /** Ends a provider's pause before its time; false: there was none. Call `admit` after it. */
  resume(provider: string): Promise<boolean>;
  /** When the pause of this provider ends, ms since epoch; null: it doesn't pause. */
  pausedUntil(provider: string): Promise<number | null>;
  /**
   * An issue of this number is on its way into the ready set: higher ones of its project wait for
   * it until `arrived` or, at most, `deadline` (ms since epoch).
   */
  expect(project: string, order: number, deadline: number): Promise<void>;
  arrived(project: string, order: number): Promise<void>;
}
