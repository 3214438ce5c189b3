import type { DomainEvent } from "../domain/events.js";
import type { TrackerName } from "../domain/issue.js";

/** What the receiver hands over; the job carries this and no body. */
export interface AcceptedDelivery {
  /** `gitea:<uuid>` or `plane:<uuid>`. */
  readonly delivery: string;
  /** Hex sha256 of source and raw body. */
  readonly fingerprint: string;
  readonly event: DomainEvent;
  /** ISO 8601. */
  readonly receivedAt: string;
}

/** Adds the delivery's job under an id made from the fingerprint; adding it again changes nothing. */
export interface DeliveryQueue {
  add(delivery: AcceptedDelivery): Promise<void>;
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

/** De-duplicates and logs deliveries. Any fault of the store throws StoreUnavailable. */
export interface DeliveryLedger {
  /**
   * Claims id and fingerprint with SET NX. `new`: neither was seen. `claimed`: only claims of an
   * unfinished attempt were found, so the caller adds again. `duplicate`: one was queued or ignored.
   * With a claim the raw JSON body is kept, so that whoever takes the job can read it at once.
   */
  claim(
    delivery: string,
    fingerprint: string,
    body?: string | Buffer,
  ): Promise<"new" | "claimed" | "duplicate">;
  /**
   * The job is in the queue: both keys become `queued` for 7 days; logs, keeps the body 24 h. The
   * body may be left out where the claim kept it.
   */
  queued(entry: LoggedDelivery, body?: string): Promise<void>;
  /** Nothing to do: both keys stay for 60 s; logs, keeps the body as `queued` does. */
  ignored(entry: LoggedDelivery, body?: string): Promise<void>;
  /** Nothing is dispatched: only logs. */
  duplicate(entry: LoggedDelivery): Promise<void>;
  /** The raw JSON body, while it is kept; null afterwards. */
  body(fingerprint: string): Promise<string | null>;
  /** Newest first. */
  recent(limit: number): Promise<readonly LoggedDelivery[]>;
}

/** The store can't be reached or refuses writes; the tracker should try again. */
export class StoreUnavailable extends Error {
  readonly code = "store-unavailable";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreUnavailable";
  }
}
