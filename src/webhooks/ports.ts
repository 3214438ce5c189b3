import type { DomainEvent } from "../domain/events.js";
import type { TrackerName } from "../domain/issue.js";
import type { Recovery } from "../domain/recovery.js";
import type { UsableReading } from "./reading.js";

/** What the receiver hands over; the job carries this and no body. */
export interface AcceptedDelivery {
  /** `gitea:<uuid>` or `plane:<uuid>`. */
  readonly delivery: string;
  /** Hex sha256 of source and raw body. */
  readonly fingerprint: string;
  readonly event: DomainEvent;
  /** ISO 8601. */
  readonly receivedAt: string;
  /** No tracker sent it: the reconciler found that it was missed. */
  readonly recovery?: Recovery | undefined;
}

/** The way back onto the queue, for a delivery that was taken before. */
export interface ReplayQueue {
  /** Adds it under an id of its own, made from the fingerprint and a count; returns that id. */
  addAgain(delivery: AcceptedDelivery): Promise<string>;
  /** What its job held, while that is kept. */
  taken(fingerprint: string): Promise<AcceptedDelivery | null>;
}

export interface LoggedDelivery {
  readonly delivery: string;
  readonly fingerprint: string;
  readonly source: TrackerName;
  /** The event type as sent. */
  readonly event: string;
  readonly at: string;
  readonly outcome: "accepted" | "ignored" | "duplicate";
  readonly reason: string;
}

/** A delivery that was believed, and what it says. */
export interface ReadDelivery {
  readonly entry: Omit<LoggedDelivery, "outcome" | "reason">;
  readonly reading: UsableReading;
  /** The JSON that was signed. */
  readonly body: Buffer;
}

/** Where deliveries are taken in, each once. */
export interface DeliveryIntake {
  /**
   * All or nothing: both names are known from then on, for 7 days or, where there is nothing to do,
   * for 60 s; the job is added under an id made from the fingerprint, unless there is nothing to do; the
   * body is kept 24 h; it is logged. `duplicate`: one of the names was known, it is only logged.
   * @throws StoreUnavailable whatever the fault, and where there is no answer within 1.5 s
   */
  take(delivery: ReadDelivery): Promise<"new" | "duplicate">;
}

/** What was taken in. Any fault of the store throws StoreUnavailable. */
export interface DeliveryLedger {
  /** The raw JSON body, while it is kept; null afterwards. */
  body(fingerprint: string): Promise<string | null>;
  /** Newest first, after leaving out `skip`. */
  recent(limit: number, skip?: number): Promise<readonly LoggedDelivery[]>;
}

/** What is kept of a verified, well-formed delivery while the store is away. */
export interface SpooledDelivery {
  readonly source: TrackerName;
  /** Those that name and route it; lower-case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON that was signed. */
  readonly body: string;
  /** When it came, ISO 8601. */
  readonly at: string;
}

/** Holds deliveries over an outage of the store, in their order. */
export interface DeliverySpool {
  /** How many wait; while any do, new ones wait behind them. */
  waiting(): number;
  /**
   * Resolves once the delivery would survive the death of this process and of the machine.
   * @throws SpoolRefused when it is full or can't be written
   */
  append(delivery: SpooledDelivery): Promise<void>;
  /**
   * Hands over what waits, oldest first, until none does or `take` throws; that one comes again.
   * After a crash, deliveries that were taken may come again.
   */
  drain(take: (delivery: SpooledDelivery) => Promise<void>): Promise<void>;
}

/** The spool is full or can't be written: nothing was kept, and the tracker must send again. */
export class SpoolRefused extends Error {
  readonly code = "spool-refused";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SpoolRefused";
  }
}

/** The store can't be reached or refuses writes; the tracker should try again. */
export class StoreUnavailable extends Error {
  readonly code = "store-unavailable";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreUnavailable";
  }
}
