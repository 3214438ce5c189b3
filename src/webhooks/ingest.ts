import type { DomainEvent, IssueAction } from "../domain/events.js";
import type { Fleet } from "../domain/fleet.js";
import type { TrackerName } from "../domain/issue.js";
import { deliveryIdOf, fingerprintOf } from "./fingerprint.js";
import { giteaEventOf, readGitea } from "./gitea/read.js";
import { readPlane } from "./plane/read.js";
import {
  type DeliveryIntake,
  type DeliverySpool,
  type ReadDelivery,
  type SpooledDelivery,
  StoreUnavailable,
} from "./ports.js";
import type { Reading, UsableReading } from "./reading.js";
import { contentOf, header, parseJson, type WebhookRequest } from "./request.js";
import { isSignedBy } from "./verify.js";

export interface IngestDeps {
  readonly intake: DeliveryIntake;
  readonly fleet: Fleet;
  /** Several of a tracker's let one be rotated; none: its deliveries are refused. */
  readonly secrets: Readonly<Record<TrackerName, readonly string[]>>;
  /** Believe a tracker that has no secret. For loopback only. */
  readonly allowUnsigned: boolean;
  readonly clock: () => Date;
  /** Keeps what the store doesn't take; absent: the sender is told to try again. */
  readonly spool?: DeliverySpool | undefined;
}

/** What became of a delivery, in the order in which it is decided. */
export type Ingested =
  | { readonly kind: "unsigned" }
  | { readonly kind: "unsupported" }
  | { readonly kind: "malformed"; readonly detail: string }
  | { readonly kind: "duplicate"; readonly delivery: string }
  | { readonly kind: "ignored"; readonly delivery: string; readonly reason: string }
  | { readonly kind: "accepted"; readonly delivery: string; readonly issue: AcceptedIssue | null }
  /** Neither store nor spool took it in time; taken or not, it may be sent again. */
  | { readonly kind: "unavailable"; readonly delivery: string; readonly cause: unknown };

/** Of Gitea's `issues` events, whose senders are told what was understood. */
export interface AcceptedIssue {
  readonly action: IssueAction;
  readonly number: number;
}

/** Verifies, reads, de-duplicates and queues one delivery. Never throws for what a sender can do. */
export type Ingest = (request: WebhookRequest) => Promise<Ingested>;

export function createIngest(deps: IngestDeps): Ingest {
  return async (request) => {
    const { signed, supported } = contentOf(request);
    if (!isTrusted(deps, request, signed)) return { kind: "unsigned" };
    if (!supported) return { kind: "unsupported" };
    const json = parseJson(signed);
    if (!json.ok) return { kind: "malformed", detail: json.detail };
    const { reading, ...named } = arrivalOf(deps, request, signed, json.body);
    return reading.kind === "malformed" ? reading : keep(deps, { ...named, reading }, signed);
  };
}

/** Stores it, or else spools it; while others are spooled it waits behind them. */
async function keep(deps: IngestDeps, arrival: Readable, body: Buffer): Promise<Ingested> {
  const { spool } = deps;
  if (spool !== undefined && spool.waiting() > 0) return spoolIt(spool, arrival, body);
  try {
    return await store(deps, arrival, body);
  } catch (cause) {
    const { delivery } = arrival.entry;
    if (spool === undefined || !(cause instanceof StoreUnavailable)) {
      return { kind: "unavailable", delivery, cause };
    }
    return spoolIt(spool, arrival, body);
  }
}

/** Acknowledged as if new: whether it is, is found out when it is drained. */
async function spoolIt(
  spool: DeliverySpool,
  { entry, reading, headers }: Readable,
  body: Buffer,
): Promise<Ingested> {
  const { source, at, delivery } = entry;
  try {
    await spool.append({ source, headers, body: body.toString("utf8"), at });
  } catch (cause) {
    return { kind: "unavailable", delivery, cause };
  }
  return answerOf(delivery, reading);
}

/**
 * Brings a spooled delivery in by the way it would have taken. What can't be read any more, after an
 * upgrade, is reported and left out.
 * @throws StoreUnavailable
 */
export async function takeSpooled(deps: IngestDeps, spooled: SpooledDelivery): Promise<Ingested> {
  const body = Buffer.from(spooled.body);
  const json = parseJson(body);
  if (!json.ok) return { kind: "malformed", detail: json.detail };
  const { source, headers, at } = spooled;
  const { reading, entry } = arrivalOf(deps, { source, headers, body }, body, json.body);
  if (reading.kind === "malformed") return reading;
  return store(deps, { headers, reading, entry: { ...entry, at } }, body);
}

/** Is this tracker known by one of its secrets, or believed without one? */
function isTrusted(deps: IngestDeps, request: WebhookRequest, signed: Buffer): boolean {
  const secrets = deps.secrets[request.source];
  if (deps.allowUnsigned && secrets.every((secret) => secret === "")) return true;
  return isSignedBy(secrets, signed, header(request, `x-${request.source}-signature`));
}

/** A delivery that was believed, and what its body says. */
interface Arrival {
  readonly entry: ReadDelivery["entry"];
  /** Those that name and route it. */
  readonly headers: Readonly<Record<string, string>>;
  readonly reading: Reading;
}
type Readable = Omit<Arrival, "reading"> & { readonly reading: UsableReading };

const NAMING: Readonly<Record<TrackerName, readonly string[]>> = {
  gitea: ["x-gitea-delivery", "x-gitea-event-type", "x-gitea-event"],
  plane: ["x-plane-delivery", "x-hook-delivery", "x-plane-event"],
};

function arrivalOf(
  deps: IngestDeps,
  request: WebhookRequest,
  signed: Buffer,
  body: object,
): Arrival {
  const { source } = request;
  const headers: Record<string, string> = {};
  for (const name of NAMING[source]) {
    const value = header(request, name);
    if (value !== undefined) headers[name] = value;
  }
  const { event, reading, sentId } = readDelivery(source, headers, body, deps.fleet);
  const entry = {
    delivery: deliveryIdOf(source, sentId, event, signed),
    fingerprint: fingerprintOf(source, signed),
    source,
    event: event ?? "",
    at: deps.clock().toISOString(),
  };
  return { entry, headers, reading };
}

/** What a delivery says, by the headers that route it. */
export function readDelivery(
  source: TrackerName,
  headers: Readonly<Record<string, string>>,
  body: object,
  fleet: Fleet,
) {
  if (source === "plane") {
    const event = headers["x-plane-event"];
    const sentId = headers["x-plane-delivery"] ?? headers["x-hook-delivery"];
    return { event, sentId, reading: readPlane(event, body, fleet) };
  }
  const types = { eventType: headers["x-gitea-event-type"], event: headers["x-gitea-event"] };
  const reading = readGitea(types, body, fleet);
  return { event: giteaEventOf(types, body), sentId: headers["x-gitea-delivery"], reading };
}

/** @throws StoreUnavailable */
async function store(
  { intake }: IngestDeps,
  { entry, reading }: Readable,
  body: Buffer,
): Promise<Ingested> {
  const { delivery } = entry;
  const answer = await intake.take({ entry, reading, body });
  return answer === "duplicate" ? { kind: "duplicate", delivery } : answerOf(delivery, reading);
}

function answerOf(delivery: string, reading: UsableReading): Ingested {
  return reading.kind === "ignored"
    ? { kind: "ignored", delivery, reason: reading.reason }
    : { kind: "accepted", delivery, issue: acceptedIssue(reading.event) };
}

function acceptedIssue(event: DomainEvent): AcceptedIssue | null {
  if (event.kind !== "issue" || event.tracker !== "gitea") return null;
  return { action: event.action, number: event.number };
}
