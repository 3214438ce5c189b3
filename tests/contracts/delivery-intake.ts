import { describe, expect, it } from "vitest";
import type {
  DeliveryIntake,
  DeliveryLedger,
  LoggedDelivery,
  ReadDelivery,
} from "../../src/webhooks/ports.js";
import { read, readIgnored } from "../support/read-delivery.js";

export interface OpenIntake {
  readonly intake: DeliveryIntake;
  readonly ledger: DeliveryLedger;
  /** Milliseconds the delivery's two names will still be known; negative: not known. */
  lives(delivery: string, fingerprint: string): Promise<readonly [number, number]>;
  /** Milliseconds the body will still be kept. */
  bodyLives(fingerprint: string): Promise<number>;
  /** Ids of the jobs that were added, oldest first. */
  jobs(): Promise<readonly string[]>;
  /** Leaves both names claimed, as receivers did that died before the job was added. */
  claim(delivery: string, fingerprint: string): Promise<void>;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** `open` gives one nobody has used, whose log and bodies are kept 7 days and 24 hours. */
export function deliveryIntakeContract(name: string, open: () => Promise<OpenIntake>): void {
  describe(`${name} delivery intake`, () => {
    it("takes a delivery of fifty concurrent callers in once", async () => {
      const { intake, jobs } = await open();
      const answers = await Promise.all(Array.from({ length: 50 }, () => intake.take(read())));
      expect(answers.filter((answer) => answer === "new")).toHaveLength(1);
      expect(answers.filter((answer) => answer === "duplicate")).toHaveLength(49);
      expect(await jobs()).toEqual(["d-f1"]);
    });

    it("answers each of those that come together for itself, and keeps its own body", async () => {
      const { intake, ledger, jobs } = await open();
      await intake.take(numbered(7));
      const numbers = Array.from({ length: 12 }, (_, at) => at);
      const answers = await Promise.all(
        numbers.map((at) =>
          intake.take(at === 3 ? readIgnored("not ours", namesOf(3)) : numbered(at)),
        ),
      );
      expect(answers).toEqual(numbers.map((at) => (at === 7 ? "duplicate" : "new")));
      expect(await ledger.body("f9")).toBe('{"at":9}');
      const ignored = (await ledger.recent(20)).filter(({ outcome }) => outcome === "ignored");
      expect(ignored.map(({ delivery }) => delivery)).toEqual(["gitea:3"]);
      const added = [7, 0, 1, 2, 4, 5, 6, 8, 9, 10, 11];
      expect(await jobs()).toEqual(added.map((at) => `d-f${at}`));
    });

    it("knows a delivery by either of its names", async () => {
      const { intake, jobs } = await open();
      await intake.take(read());
      expect(await intake.take(read())).toBe("duplicate");
      expect(await intake.take(read({ fingerprint: "other" }))).toBe("duplicate");
      expect(await intake.take(read({ delivery: "gitea:other" }))).toBe("duplicate");
      expect(await jobs()).toEqual(["d-f1"]);
    });

    it("knows a duplicate's new delivery id from then on", async () => {
      const { intake, lives } = await open();
      await intake.take(read());
      await intake.take(read({ delivery: "gitea:2" }));
      expect(await intake.take(numbered(2))).toBe("duplicate");
      const [again] = await lives("gitea:2", "f1");
      expect(again).toBeGreaterThan(6 * DAY);
    });

    it("takes up by either name what was claimed and never finished", async () => {
      const { intake, claim, jobs } = await open();
      await claim("gitea:1", "f1");
      await claim("gitea:2", "f2");
      expect(await intake.take(read())).toBe("new");
      expect(await intake.take(read())).toBe("duplicate");
      expect(await intake.take(read({ delivery: "gitea:other", fingerprint: "f2" }))).toBe("new");
      expect(await jobs()).toEqual(["d-f1", "d-f2"]);
    });

    it("knows a queued one for 7 days and an ignored one for a minute", async () => {
      const { intake, lives, jobs } = await open();
      await intake.take(read());
      for (const life of await lives("gitea:1", "f1")) {
        expect(life).toBeGreaterThan(7 * DAY - MINUTE);
        expect(life).toBeLessThanOrEqual(7 * DAY);
      }
      const skipped = readIgnored("not ours", namesOf(2));
      await intake.take(skipped);
      expect(await intake.take(skipped)).toBe("duplicate");
      for (const life of await lives("gitea:2", "f2")) {
        expect(life).toBeGreaterThan(0);
        expect(life).toBeLessThanOrEqual(MINUTE);
      }
      expect(await jobs()).toEqual(["d-f1"]);
    });

    it("doesn't forget a queued one sooner because a repeat is ignored", async () => {
      const { intake, lives } = await open();
      await intake.take(read());
      expect(await intake.take(readIgnored("not ours any more"))).toBe("duplicate");
      for (const life of await lives("gitea:1", "f1")) expect(life).toBeGreaterThan(6 * DAY);
    });

    it("keeps the body for 24 hours, byte for byte, also of what is ignored", async () => {
      const { intake, ledger, bodyLives } = await open();
      await intake.take({ ...read(), body: Buffer.from('{"a":"ü"}') });
      await intake.take({ ...readIgnored("not ours", namesOf(2)), body: Buffer.from("{}") });
      expect(await ledger.body("f1")).toBe('{"a":"ü"}');
      expect(await ledger.body("f2")).toBe("{}");
      expect(await ledger.body("unknown")).toBeNull();
      const life = await bodyLives("f1");
      expect(life).toBeGreaterThan(DAY - MINUTE);
      expect(life).toBeLessThanOrEqual(DAY);
    });

    it("logs what was queued, ignored and repeated, newest first", async () => {
      const { intake, ledger } = await open();
      const queued = read();
      const why = 'event "project" is not used';
      const skipped = readIgnored(why, {
        ...namesOf(2, "plane"),
        at: "2026-06-12T09:00:01.000Z",
      });
      const again = read({ at: "2026-06-12T09:00:02.000Z" });
      for (const each of [queued, skipped, again]) await intake.take(each);
      const logged: LoggedDelivery[] = [
        { ...again.entry, outcome: "duplicate", reason: "" },
        { ...skipped.entry, outcome: "ignored", reason: why },
        { ...queued.entry, outcome: "accepted", reason: "" },
      ];
      expect(await ledger.recent(10)).toEqual(logged);
      expect(await ledger.recent(1)).toEqual(logged.slice(0, 1));
      expect(await ledger.recent(0)).toEqual([]);
    });

    it("drops log entries older than 7 days", async () => {
      const { intake, ledger } = await open();
      const times = ["2026-06-07T23:59:59.999Z", "2026-06-08T00:00:00.001Z"];
      for (const [at, time] of [...times, "2026-06-15T00:00:00.000Z"].entries()) {
        await intake.take(numbered(at, time));
      }
      const left = (await ledger.recent(10)).map(({ delivery }) => delivery);
      expect(left).toEqual(["gitea:2", "gitea:1"]);
    });
  });
}

const namesOf = (number: number, source: "gitea" | "plane" = "gitea") => ({
  delivery: `${source}:${number}`,
  fingerprint: `f${number}`,
  source,
});

/** Another delivery than `read`'s, with a body of its own. */
function numbered(number: number, at?: string): ReadDelivery {
  const when = at === undefined ? {} : { at };
  return {
    ...read({ ...namesOf(number), ...when }),
    body: Buffer.from(`{"at":${number}}`),
  };
}
