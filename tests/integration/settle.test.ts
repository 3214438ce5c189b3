import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { JobOutcome } from "../../src/engine/jobs.js";
import { promoteDelayed } from "../../src/queue/promote.js";
import { createQueues, type Queues } from "../../src/queue/queues.js";
import { type RunningWorker, startWorker } from "../../src/queue/worker.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { openTestRedis } from "../support/work.js";

type TestRedis = Awaited<ReturnType<typeof openTestRedis>>;

const ID = "ET-001-v1-slot";
const YEAR_MS = 365 * 24 * 3_600_000;
const PATIENCE = { timeout: 30_000, interval: 10 };

describe("what becomes of a job", () => {
  let adding: TestRedis;
  let taking: TestRedis;
  let queues: Queues;
  let worker: RunningWorker | undefined;

  beforeEach(async () => {
    adding = await openTestRedis();
    taking = await openTestRedis();
    queues = createQueues(adding.redis, adding.prefix);
  });

  afterEach(async () => {
    await worker?.drain();
    worker = undefined;
    await queues.close();
    await adding.close();
    await taking.close();
  });

  /** Works on queue `slots` with one outcome after the other, the last one from then on. */
  async function work(...outcomes: (() => JobOutcome)[]) {
    let taken = 0;
    worker = startWorker(
      {
        connection: taking.redis,
        prefix: adding.prefix,
        log: silentLogger(),
      },
      {
        name: "slots",
        concurrency: 1,
        process: async () => {
          const outcome = outcomes[Math.min(taken, outcomes.length - 1)];
          taken += 1;
          if (outcome === undefined) throw new Error("no outcome");
          return outcome();
        },
      },
    );
    await queues.add("slots", "ET-001 waits for a slot", ID, { item: "ET-001", version: 1 });
    return { times: () => taken };
  }

  async function job() {
    const found = await queues.get("slots").getJob(ID);
    if (found === undefined) throw new Error(`there is no job ${ID}`);
    return found;
  }

  async function reaches(state: string) {
    await vi.waitFor(async () => expect(await (await job()).getState()).toBe(state), PATIENCE);
    return job();
  }

  it("finished: it is completed and shows its note", async () => {
    await work(() => ({ kind: "finished", note: "holds a slot" }));
    expect((await reaches("completed")).returnvalue).toBe("holds a slot");
  });

  it("stale: it is completed and says that there was nothing to do", async () => {
    await work(() => ({ kind: "stale", reason: "the version was replaced" }));
    const { returnvalue } = await reaches("completed");
    expect(returnvalue).toBe("nothing to do: the version was replaced");
  });

  it("failed: it isn't tried again, whatever attempts its queue has", async () => {
    const { times } = await work(() => ({ kind: "failed", reason: "exit code 1" }));
    const failed = await reaches("failed");
    expect(failed.failedReason).toBe("exit code 1");
    // What the board shows of it: no line of ours, where nothing went wrong.
    expect(failed.stacktrace).toEqual(["UnrecoverableError: exit code 1"]);
    expect(failed.opts.attempts).toBeGreaterThan(1);
    expect(times()).toBe(1);
  });

  it("failed, then retried by hand: it is taken again", async () => {
    const { times } = await work(
      () => ({ kind: "failed", reason: "exit code 1" }),
      () => ({ kind: "finished", note: "now" }),
    );
    await (await reaches("failed")).retry();
    expect((await reaches("completed")).returnvalue).toBe("now");
    expect(times()).toBe(2);
  });

  it("a fault that is thrown: it is tried again", async () => {
    const { times } = await work(
      () => {
        throw new Error("the store was away");
      },
      () => ({ kind: "finished", note: "second time" }),
    );
    expect((await reaches("completed")).returnvalue).toBe("second time");
    expect(times()).toBe(2);
  });

  it("parked: it waits for years, until it is promoted", async () => {
    const { times } = await work(
      () => ({ kind: "parked", reason: "no slot is free" }),
      () => ({ kind: "finished", note: "holds a slot" }),
    );
    const parked = await reaches("delayed");
    expect(parked.timestamp + parked.delay).toBeGreaterThan(Date.now() + 9 * YEAR_MS);
    expect(await promoteDelayed(queues.get("slots"), ID)).toBe(true);
    expect((await reaches("completed")).returnvalue).toBe("holds a slot");
    expect(times()).toBe(2);
  });

  it("parked: what follows runs once it is parked, so that its promotion can't come too early", async () => {
    const promoted: boolean[] = [];
    const afterwards = async () => {
      promoted.push(await promoteDelayed(queues.get("slots"), ID));
    };
    await work(
      () => ({ kind: "parked", reason: "no slot is held", afterwards }),
      () => ({ kind: "finished", note: "again" }),
    );
    expect((await reaches("completed")).returnvalue).toBe("again");
    expect(promoted).toEqual([true]);
  });

  it("a job that isn't parked can't be promoted", async () => {
    await work(() => ({ kind: "finished", note: "" }));
    await reaches("completed");
    expect(await promoteDelayed(queues.get("slots"), ID)).toBe(false);
    expect(await promoteDelayed(queues.get("slots"), "ET-404-v1-slot")).toBe(false);
  });

  it("later: it comes back by itself at its time, however often, and spends no attempt", async () => {
    let left = 15;
    const { times } = await work(() => {
      left -= 1;
      return left >= 0
        ? { kind: "later", at: new Date(), reason: "the provider pauses" }
        : { kind: "finished", note: "at last" };
    });
    expect((await reaches("completed")).returnvalue).toBe("at last");
    expect(times()).toBe(16);
  });

  it("data of a newer worker: it is put off and not touched", async () => {
    await queues.get("slots").add("newer", { v: 99, item: "ET-001", version: 1 }, { jobId: ID });
    const { times } = await work(() => ({ kind: "finished", note: "" }));
    await reaches("delayed");
    expect(times()).toBe(0);
  });

  it("data that is not of its kind: it fails without being carried out", async () => {
    await queues.get("slots").add("broken", { v: 1, item: "ET-001" }, { jobId: ID });
    const { times } = await work(() => ({ kind: "finished", note: "" }));
    await reaches("failed");
    expect(times()).toBe(0);
  });
});
