import type { ReadDelivery } from "../../src/webhooks/ports.js";

type Entry = ReadDelivery["entry"];

const ENTRY: Entry = {
  delivery: "gitea:1",
  fingerprint: "f1",
  source: "gitea",
  event: "issue_assign",
  at: "2026-06-12T09:00:00.000Z",
};

/** A delivery as it is when it was read: an assignment to the bot. */
export function read(changes: Partial<Entry> = {}): ReadDelivery {
  return {
    entry: { ...ENTRY, ...changes },
    reading: {
      kind: "event",
      event: {
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
      },
    },
    body: Buffer.from("{}"),
  };
}

/** The same, with nothing to do. */
export function readIgnored(reason: string, changes: Partial<Entry> = {}): ReadDelivery {
  return { ...read(changes), reading: { kind: "ignored", reason } };
}
