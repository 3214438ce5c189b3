import type { IssueEvent } from "../../src/domain/events.js";
import type { ReadDelivery } from "../../src/webhooks/ports.js";

type Entry = ReadDelivery["entry"];

const ENTRY: Entry = {
  delivery: "gitea:1",
  fingerprint: "f1",
  source: "gitea",
  event: "issue_assign",
  at: "2026-06-12T09:00:00.000Z",
};

/** What it says: the bot is assigned. */
export const ASSIGNED: IssueEvent = {
  kind: "issue",
  project: "rocket",
  tracker: "gitea",
  action: "assigned",
  number: 318,
  planeId: null,
  title: "Frame counter wraps → “NaN” 🚨",
  url: null,
  assigned: true,
  open: true,
  updatedAt: "2026-06-12T09:00:00Z",
};

/** A delivery as it is when it was read: an assignment to the bot. */
export function read(changes: Partial<Entry> = {}): ReadDelivery {
  return {
    entry: { ...ENTRY, ...changes },
    reading: { kind: "event", event: ASSIGNED },
    body: Buffer.from("{}"),
  };
}

/** The same issue, and what else of it was told. */
export function readEvent(changes: Partial<IssueEvent>): ReadDelivery {
  return { ...read(), reading: { kind: "event", event: { ...ASSIGNED, ...changes } } };
}

/** The same, with nothing to do. */
export function readIgnored(reason: string, changes: Partial<Entry> = {}): ReadDelivery {
  return { ...read(changes), reading: { kind: "ignored", reason } };
}
