import { describe, expect, it } from "vitest";
import { CATALOG, DATA_VERSION, QUEUE_NAMES, type QueueName } from "../../../src/queue/catalog.js";

const v = DATA_VERSION;
const item = { v, item: "ET-001", version: 3 };
const address = { tracker: "gitea", repo: "acme/rocket", number: 161 };

const SAMPLES: Readonly<Record<QueueName, Readonly<Record<string, unknown>>>> = {
  deliveries: {
    v,
    delivery: "gitea:1",
    fingerprint: "f1",
    event: { kind: "push" },
    receivedAt: "2026-03-02T10:00:00.000Z",
  },
  stages: { ...item, evaluation: "run" },
  gates: { ...item, evaluation: "run", trigger: "run" },
  runs: item,
  dependencies: { ...item, blocker: "gitea:acme/rocket#160" },
  slots: item,
  notifications: {
    v,
    address,
    project: "rocket",
    item: null,
    effect: { id: "e1", kind: "status-comment" },
  },
  maintenance: { v },
};
const each = QUEUE_NAMES.map((name) => [name] as const);

describe("the job catalog", () => {
  it("names every queue, and no other", () => {
    expect([...QUEUE_NAMES].sort()).toEqual(Object.keys(SAMPLES).sort());
  });

  it.each(each)("reads a job of queue %s as it was written", (name) => {
    expect(CATALOG[name].schema.parse(SAMPLES[name])).toEqual(SAMPLES[name]);
  });

  it.each(each)("refuses a job of queue %s that lacks anything", (name) => {
    for (const field of Object.keys(SAMPLES[name])) {
      const { [field]: _left, ...rest } = SAMPLES[name];
      expect(CATALOG[name].schema.safeParse(rest).success, `without ${field}`).toBe(false);
    }
  });

  it.each(each)("lets nothing onto queue %s that isn't of its kind", (name) => {
    const more = { ...SAMPLES[name], token: "s3cret" };
    expect(CATALOG[name].schema.parse(more)).toEqual(SAMPLES[name]);
  });

  it.each(["stages", "gates", "runs", "dependencies", "slots"] as const)(
    "refuses a version on queue %s that no item can have (I3)",
    (name) => {
      for (const version of [0, -1, 1.5, "3", null]) {
        const job = { ...SAMPLES[name], version };
        expect(CATALOG[name].schema.safeParse(job).success, `version ${version}`).toBe(false);
      }
    },
  );

  it("refuses a trigger nobody knows", () => {
    const job = { ...SAMPLES.gates, trigger: "agent" };
    expect(CATALOG.gates.schema.safeParse(job).success).toBe(false);
  });

  it.each(each.filter(([name]) => name !== "maintenance"))(
    "keeps the failed jobs of queue %s, since removing one releases its parent (I7, I8)",
    (name) => {
      expect(CATALOG[name].options).not.toHaveProperty("removeOnFail");
      expect(CATALOG[name].kept).not.toHaveProperty("removeOnFail");
    },
  );
});
