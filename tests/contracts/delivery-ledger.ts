import { describe, expect, it } from "vitest";
import type { DeliveryLedger, LoggedDelivery } from "../../src/webhooks/ports.js";

export interface OpenLedger {
  readonly ledger: DeliveryLedger;
  /** Milliseconds the delivery's two names will still be known; negative: not known. */
  lives(delivery: string, fingerprint: string): Promise<readonly [number, number]>;
  /** Milliseconds the body will still be kept. */
  bodyLives(fingerprint: string): Promise<number>;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function entry(changes: Partial<LoggedDelivery> = {}): LoggedDelivery {
  return {
    delivery: "gitea:1",
    fingerprint: "f1",
    source: "gitea",
    event: "issue_assign",
    at: "2026-06-12T09:00:00.000Z",
    outcome: "accepted",
    reason: "",
    ...changes,
  };
}

/** `open` gives a ledger nobody has used, whose log and bodies are kept 7 days and 24 hours. */
export function deliveryLedgerContract(name: string, open: () => Promise<OpenLedger>): void {
  describe(`${name} delivery ledger`, () => {
    it("lets exactly one of fifty concurrent callers claim a delivery", async () => {
      const { ledger } = await open();
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => ledger.claim("gitea:1", "f1")),
      );
      expect(answers.filter((answer) => answer === "new")).toHaveLength(1);
      expect(answers.filter((answer) => answer === "claimed")).toHaveLength(49);
    });

    it("answers each of those that come together for itself, and keeps its own body", async () => {
      const { ledger } = await open();
      await ledger.claim("gitea:7", "f7");
      await ledger.queued(entry({ delivery: "gitea:7", fingerprint: "f7" }));
      await ledger.claim("gitea:8", "f8");
      const numbers = Array.from({ length: 12 }, (_, at) => at);
      const answers = await Promise.all(
        numbers.map((at) => ledger.claim(`gitea:${at}`, `f${at}`, `{"at":${at}}`)),
      );
      const expected = numbers.map((at) => (at === 7 ? "duplicate" : at === 8 ? "claimed" : "new"));
      expect(answers).toEqual(expected);
      expect(await ledger.body("f9")).toBe('{"at":9}');
      await Promise.all(
        numbers.map((at) => {
          const ended = { delivery: `gitea:${at}`, fingerprint: `f${at}` };
          return at === 3
            ? ledger.ignored(entry({ ...ended, outcome: "ignored" }))
            : ledger.queued(entry(ended));
        }),
      );
      const logged = (await ledger.recent(20)).filter(({ outcome }) => outcome === "ignored");
      expect(logged.map(({ delivery }) => delivery)).toEqual(["gitea:3"]);
    });

    it("knows a queued delivery by either of its names", async () => {
      const { ledger } = await open();
      await ledger.claim("gitea:1", "f1");
      await ledger.queued(entry(), "{}");
      expect(await ledger.claim("gitea:1", "f1")).toBe("duplicate");
      expect(await ledger.claim("gitea:1", "other")).toBe("duplicate");
      expect(await ledger.claim("gitea:other", "f1")).toBe("duplicate");
    });

    it("knows a duplicate's new delivery id from then on", async () => {
      const { ledger, lives } = await open();
      await ledger.claim("gitea:1", "f1");
      await ledger.queued(entry(), "{}");
      await ledger.claim("gitea:2", "f1");
      expect(await ledger.claim("gitea:2", "f2")).toBe("duplicate");
      const [again] = await lives("gitea:2", "f1");
      expect(again).toBeGreaterThan(6 * DAY);
    });

    it("lets an unfinished attempt be taken up by either name", async () => {
      const { ledger } = await open();
      await ledger.claim("gitea:1", "f1");
      expect(await ledger.claim("gitea:1", "f1")).toBe("claimed");
      expect(await ledger.claim("gitea:2", "f1")).toBe("claimed");
    });

    it("keeps deliveries apart", async () => {
      const { ledger } = await open();
      await ledger.claim("gitea:1", "f1");
      await ledger.queued(entry(), "{}");
      expect(await ledger.claim("gitea:2", "f2")).toBe("new");
    });

    it("knows a queued one for 7 days and an ignored one for a minute", async () => {
      const { ledger, lives } = await open();
      await ledger.queued(entry(), "{}");
      for (const life of await lives("gitea:1", "f1")) {
        expect(life).toBeGreaterThan(7 * DAY - MINUTE);
        expect(life).toBeLessThanOrEqual(7 * DAY);
      }
      await ledger.claim("gitea:2", "f2");
      await ledger.ignored(entry({ delivery: "gitea:2", fingerprint: "f2" }), "{}");
      expect(await ledger.claim("gitea:2", "f2")).toBe("duplicate");
      for (const life of await lives("gitea:2", "f2")) {
        expect(life).toBeGreaterThan(0);
        expect(life).toBeLessThanOrEqual(MINUTE);
      }
    });

    it("doesn't forget a queued one sooner because a repeat was ignored", async () => {
      const { ledger, lives } = await open();
      await ledger.queued(entry(), "{}");
      await ledger.ignored(entry({ outcome: "ignored" }), "{}");
      for (const life of await lives("gitea:1", "f1")) expect(life).toBeGreaterThan(6 * DAY);
    });

    it("keeps the body from the claim on, for 24 hours", async () => {
      const { ledger, bodyLives } = await open();
      await ledger.claim("gitea:1", "f1", '{"a":"ü"}');
      expect(await ledger.body("f1")).toBe('{"a":"ü"}');
      const life = await bodyLives("f1");
      expect(life).toBeGreaterThan(DAY - MINUTE);
      expect(life).toBeLessThanOrEqual(DAY);
    });

    it("keeps the body of what is settled without one at the claim", async () => {
      const { ledger } = await open();
      await ledger.queued(entry(), '{"a":1}');
      await ledger.ignored(entry({ delivery: "gitea:2", fingerprint: "f2" }), '{"b":1}');
      expect(await ledger.body("f1")).toBe('{"a":1}');
      expect(await ledger.body("f2")).toBe('{"b":1}');
      expect(await ledger.body("unknown")).toBeNull();
    });

    it("logs what was queued, ignored and repeated, newest first", async () => {
      const { ledger } = await open();
      const queued = entry();
      const skipped = entry({
        delivery: "plane:2",
        fingerprint: "f2",
        source: "plane",
        at: "2026-06-12T09:00:01.000Z",
        outcome: "ignored",
        reason: "event project is not used",
      });
      const again = entry({ at: "2026-06-12T09:00:02.000Z", outcome: "duplicate" });
      await ledger.queued(queued, "{}");
      await ledger.ignored(skipped, "{}");
      await ledger.duplicate(again);
      expect(await ledger.recent(10)).toEqual([again, skipped, queued]);
      expect(await ledger.recent(1)).toEqual([again]);
      expect(await ledger.recent(0)).toEqual([]);
    });

    it("drops log entries older than 7 days", async () => {
      const { ledger } = await open();
      const last = entry({ at: "2026-06-08T00:00:00.001Z", delivery: "gitea:2" });
      const now = entry({ at: "2026-06-15T00:00:00.000Z", delivery: "gitea:3" });
      await ledger.queued(entry({ at: "2026-06-07T23:59:59.999Z" }), "{}");
      await ledger.queued(last, "{}");
      await ledger.queued(now, "{}");
      expect(await ledger.recent(10)).toEqual([now, last]);
    });

    it("leaves no trace of a claim in the log", async () => {
      const { ledger } = await open();
      await ledger.claim("gitea:1", "f1", "{}");
      expect(await ledger.recent(10)).toEqual([]);
    });
  });
}
