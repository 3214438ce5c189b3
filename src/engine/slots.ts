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

/** A run that lives renews its lease well within this; it outlives the 15 s in which a lost agent dies. */
export const RUN_LEASE_MS = 60_000;
/** A granted slot waits this long for a worker with room. */
export const GRANT_LEASE_MS = 600_000;

/** Who may run, decided in one place for the whole fleet (docs/decisions/0003-admission.md). */
export interface Slots {
  /** An item whose slot is still leased isn't queued again. */
  ready(item: ReadyItem, now: number): Promise<void>;
  /** Gives back the slot of this version only. */
  release(item: string, version: number): Promise<void>;
  /**
   * Takes free slots for ready items, repositories in turn and the lowest number first within one.
   * A grant is returned again until `promoted` confirms it.
   */
  admit(now: number): Promise<readonly Grant[]>;
  promoted(item: string): Promise<void>;
  /** Does this version hold a slot? Its lease then ends `leaseMs` from now. */
  hold(item: string, version: number, now: number, leaseMs: number): Promise<boolean>;
  /**
   * An issue of this number is on its way into the ready set: higher ones of its project wait for
   * it until `arrived` or, at most, `deadline` (ms since epoch).
   */
  expect(project: string, order: number, deadline: number): Promise<void>;
  arrived(project: string, order: number): Promise<void>;
}
