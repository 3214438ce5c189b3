import type { Fleet } from "../domain/fleet.js";
import { readDelivery } from "./ingest.js";
import type { AcceptedDelivery, DeliveryLedger, LoggedDelivery, ReplayQueue } from "./ports.js";
import { parseJson } from "./request.js";

export interface ReplayDeps {
  readonly ledger: DeliveryLedger;
  readonly queue: ReplayQueue;
  readonly fleet: Fleet;
}

export type Replayed =
  | { readonly kind: "queued"; readonly delivery: string; readonly job: string }
  /** No delivery of this id is logged any more, or ever was. */
  | { readonly kind: "unknown" }
  /** Body and job have passed their age. */
  | { readonly kind: "gone" }
  /** Read by today's configuration there is nothing to do. */
  | { readonly kind: "ignored"; readonly reason: string };

/**
 * Adds a delivery of the log to the queue again. While its body is kept it is read anew, so that one
 * that was ignored counts after the configuration was mended; later its job is taken as it was.
 * @throws StoreUnavailable
 */
export async function replay(deps: ReplayDeps, delivery: string): Promise<Replayed> {
  const entry = await find(deps.ledger, delivery);
  if (entry === null) return { kind: "unknown" };
  const read = await readAnew(deps, entry);
  if (read !== null && "kind" in read) return read;
  const again = read ?? (await deps.queue.taken(entry.fingerprint));
  if (again === null) return { kind: "gone" };
  return { kind: "queued", delivery, job: await deps.queue.addAgain(again) };
}

const PAGE = 500;

async function find(ledger: DeliveryLedger, delivery: string): Promise<LoggedDelivery | null> {
  for (let skip = 0; ; skip += PAGE) {
    const page = await ledger.recent(PAGE, skip);
    const found = page.find((entry) => entry.delivery === delivery);
    if (found !== undefined) return found;
    if (page.length < PAGE) return null;
  }
}

/** Null: its body isn't kept any more. */
async function readAnew(
  { ledger, fleet }: ReplayDeps,
  { delivery, fingerprint, source, event, at }: LoggedDelivery,
): Promise<AcceptedDelivery | Extract<Replayed, { kind: "ignored" }> | null> {
  const text = await ledger.body(fingerprint);
  const json = text === null ? null : parseJson(Buffer.from(text));
  if (json === null || !json.ok) return null;
  const { reading } = readDelivery(source, routing(source, event), json.body, fleet);
  switch (reading.kind) {
    case "ignored":
      return { kind: "ignored", reason: reading.reason };
    case "malformed":
      return { kind: "ignored", reason: reading.detail };
    case "event":
      return { delivery, fingerprint, event: reading.event, receivedAt: at };
  }
}

/** The log keeps the event by which it was routed. */
function routing(source: LoggedDelivery["source"], event: string): Record<string, string> {
  if (event === "") return {};
  return source === "plane" ? { "x-plane-event": event } : { "x-gitea-event-type": event };
}
