import type { DomainEvent, IssueAction } from "../domain/events.js";
import type { Fleet } from "../domain/fleet.js";
import type { TrackerName } from "../domain/issue.js";
import { withDeadline } from "./deadline.js";
import { deliveryIdOf, fingerprintOf } from "./fingerprint.js";
import { giteaEventOf, readGitea } from "./gitea/read.js";
import { readPlane } from "./plane/read.js";
import type { DeliveryLedger, DeliveryQueue, LoggedDelivery } from "./ports.js";
import type { Reading } from "./reading.js";
import { contentOf, header, parseJson, type WebhookRequest } from "./request.js";
import { isSignedBy } from "./verify.js";

export interface IngestDeps {
  readonly ledger: DeliveryLedger;
  readonly queue: DeliveryQueue;
  readonly fleet: Fleet;
  /** Several of a tracker's let one be rotated; none: its deliveries are refused. */
  readonly secrets: Readonly<Record<TrackerName, readonly string[]>>;
  /** Believe a tracker that has no secret. For loopback only. */
  readonly allowUnsigned: boolean;
  readonly clock: () => Date;
  /** Within this the store must have answered, ms; default 1,500, so that 503 comes within 2 s. */
  readonly storeDeadlineMs?: number | undefined;
}

/** What became of a delivery, in the order in which it is decided. */
export type Ingested =
  | { readonly kind: "unsigned" }
  | { readonly kind: "unsupported" }
  | { readonly kind: "malformed"; readonly detail: string }
  | { readonly kind: "duplicate"; readonly delivery: string }
  | { readonly kind: "ignored"; readonly delivery: string; readonly reason: string }
  | { readonly kind: "accepted"; readonly delivery: string; readonly issue: AcceptedIssue | null }
  /** The store didn't take it in time, or at all; claimed or not, it may be sent again. */
  | { readonly kind: "unavailable"; readonly delivery: string; readonly cause: unknown };

/** Of Gitea's `issues` events, whose senders are told what was understood. */
export interface AcceptedIssue {
  readonly action: IssueAction;
  readonly number: number;
}

/** Verifies, reads, de-duplicates and queues one delivery. Never throws for what a sender can do. */
export type Ingest = (request: WebhookRequest) => Promise<Ingested>;

const STORE_DEADLINE_MS = 1_500;

export function createIngest(deps: IngestDeps): Ingest {
  return async (request) => {
    const { signed, supported } = contentOf(request);
    if (!isTrusted(deps, request, signed)) return { kind: "unsigned" };
    if (!supported) return { kind: "unsupported" };
    const json = parseJson(signed);
    if (!json.ok) return { kind: "malformed", detail: json.detail };
    const { reading, ...names } = readRequest(request, signed, json.body, deps.fleet);
    if (reading.kind === "malformed") return reading;
    const arrival = { ...names, source: request.source, at: deps.clock().toISOString() };
    try {
      const storing = store(deps, arrival, reading, signed);
      return await withDeadline(storing, deps.storeDeadlineMs ?? STORE_DEADLINE_MS);
    } catch (cause) {
      return { kind: "unavailable", delivery: arrival.delivery, cause };
    }
  };
}

/** Is this tracker known by one of its secrets, or believed without one? */
function isTrusted(deps: IngestDeps, request: WebhookRequest, signed: Buffer): boolean {
  const secrets = deps.secrets[request.source];
  if (deps.allowUnsigned && secrets.every((secret) => secret === "")) return true;
  return isSignedBy(secrets, signed, header(request, `x-${request.source}-signature`));
}

interface Names {
  readonly delivery: string;
  readonly fingerprint: string;
  /** The event type as sent. */
  readonly event: string;
}

function readRequest(
  request: WebhookRequest,
  signed: Buffer,
  body: object,
  fleet: Fleet,
): Names & { reading: Reading } {
  const { source } = request;
  const fingerprint = fingerprintOf(source, signed);
  if (source === "plane") {
    const event = header(request, "x-plane-event");
    const sentId = header(request, "x-plane-delivery") ?? header(request, "x-hook-delivery");
    const delivery = deliveryIdOf(source, sentId, event, signed);
    return { delivery, fingerprint, event: event ?? "", reading: readPlane(event, body, fleet) };
  }
  const headers = {
    eventType: header(request, "x-gitea-event-type"),
    event: header(request, "x-gitea-event"),
  };
  const event = giteaEventOf(headers, body);
  const delivery = deliveryIdOf(source, header(request, "x-gitea-delivery"), event, signed);
  return { delivery, fingerprint, event: event ?? "", reading: readGitea(headers, body, fleet) };
}

type Arrival = Omit<LoggedDelivery, "outcome" | "reason">;

/**
 * Claim, add, settle: a death in between leaves a claim, and the repeat that finds it adds again,
 * which the queue makes idempotent.
 */
async function store(
  deps: IngestDeps,
  arrival: Arrival,
  reading: Exclude<Reading, { kind: "malformed" }>,
  body: Buffer,
): Promise<Ingested> {
  const { ledger, queue } = deps;
  const { delivery, fingerprint, at } = arrival;
  const claim = await ledger.claim(delivery, fingerprint, body);
  if (claim === "duplicate") {
    await ledger.duplicate({ ...arrival, outcome: "duplicate", reason: "" });
    return { kind: "duplicate", delivery };
  }
  if (reading.kind === "ignored") {
    const { reason } = reading;
    await ledger.ignored({ ...arrival, outcome: "ignored", reason });
    return { kind: "ignored", delivery, reason };
  }
  const { event } = reading;
  await queue.add({ delivery, fingerprint, event, receivedAt: at });
  await ledger.queued({ ...arrival, outcome: "accepted", reason: "" });
  return { kind: "accepted", delivery, issue: acceptedIssue(event) };
}

function acceptedIssue(event: DomainEvent): AcceptedIssue | null {
  if (event.kind !== "issue" || event.tracker !== "gitea") return null;
  return { action: event.action, number: event.number };
}
