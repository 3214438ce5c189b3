import { DelayedError, type Job } from "bullmq";
import type { JobStart } from "../domain/run-life.js";
import type { JobOutcome } from "../engine/jobs.js";
import { TrackerError } from "../engine/tracker.js";
import type { Logger } from "../telemetry/logger.js";
import { CATALOG, DATA_VERSION, type JobData, type QueueName } from "./catalog.js";
import { closeWorker } from "./close-worker.js";
import { JobStop } from "./job-stop.js";
import { LeanWorker } from "./lean-jobs.js";
import type { QueueConnection } from "./queues.js";
import { settle } from "./settle.js";

/** Starts are counted in the run record; the queue's own count must never fail a job by itself. */
const NEVER_BY_STALLING = 1_000_000;
/**
 * A job whose worker died is taken over when its lock has ended, in ms. Renewed in thirds, a lock
 * outlasts its holder's death by 20 s at least, and within 15 s a dead worker's agent is gone: two
 * agents never work on one item. Longer pauses of an event loop lose the job.
 */
const LOCK = { lockDuration: 30_000, lockRenewTime: 10_000 } as const;
/** Workers of a queue look this often for locks that have ended, one of them each time, in ms. */
const STALLED_EVERY_MS = 5_000;
/** How long a job whose data is newer than this code waits for a newer worker, in ms. */
const NEWER_DATA_DELAY_MS = 30_000;

/** A server whose named time is now, or past by its clock, isn't asked in a loop, in ms. */
const SHORTEST_WAIT_MS = 500;

export interface WorkerSpec<Name extends QueueName> {
  readonly name: Name;
  readonly concurrency: number;
  /** The id a job of this data must have; another one was edited by hand and does nothing. */
  readonly idOf?: (data: JobData<Name>) => string;
  readonly process: (
    data: JobData<Name>,
    stop: Pick<JobStop, "signal">,
    start: JobStart,
  ) => Promise<JobOutcome>;
}

export interface WorkerContext {
  readonly connection: QueueConnection;
  readonly prefix: string;
  readonly log: Logger;
  /** When jobs of a dead worker are taken over; default: as LOCK and STALLED_EVERY_MS say. */
  readonly takeover?: Takeover;
}

/** In ms. A lock must outlast the agent of a worker that died. */
export interface Takeover {
  readonly lockDuration: number;
  readonly lockRenewTime: number;
  readonly stalledInterval: number;
}

export interface RunningWorker {
  readonly name: QueueName;
  /** Takes nothing new, lets what is under way end, and closes. */
  drain(): Promise<void>;
  /** Stops what is under way at once: their signals abort. */
  abort(reason: string): void;
}

/** Starts taking jobs of one queue. */
export function startWorker<Name extends QueueName>(
  context: WorkerContext,
  spec: WorkerSpec<Name>,
): RunningWorker {
  const log = context.log.child({ queue: spec.name });
  const stops = new Map<string, JobStop>();
  const worker = new LeanWorker(
    spec.name,
    async (job: Job, token) => {
      const stop = new JobStop();
      const id = job.id ?? "";
      stops.set(id, stop);
      try {
        const outcome = await outcomeOf(spec, job, stop);
        if (outcome.kind !== "finished")
          log.debug({ job: id, outcome: outcome.kind }, outcomeText(outcome));
        return await settle(job, token ?? "", outcome);
      } finally {
        stops.delete(id);
      }
    },
    {
      connection: context.connection,
      prefix: context.prefix,
      concurrency: spec.concurrency,
      ...CATALOG[spec.name].kept,
      maxStalledCount: NEVER_BY_STALLING,
      stalledInterval: STALLED_EVERY_MS,
      ...LOCK,
      ...context.takeover,
    },
  );
  worker.on("error", (error) => log.warn({ err: error }, "queue connection"));
  worker.on("failed", (job, error) => {
    if (!(error instanceof DelayedError)) log.error({ job: job?.id, err: error }, "job failed");
  });
  worker.on("lockRenewalFailed", (ids) => {
    for (const id of ids) stops.get(id)?.abort(new Error("the job's lock was lost"));
  });
  return {
    name: spec.name,
    drain: () => closeWorker(worker),
    abort: (reason) => {
      for (const stop of stops.values()) stop.abort(new Error(reason));
    },
  };
}

async function outcomeOf<Name extends QueueName>(
  spec: WorkerSpec<Name>,
  job: Job,
  stop: JobStop,
): Promise<JobOutcome> {
  const written = (job.data as { v?: unknown }).v;
  if (typeof written === "number" && written > DATA_VERSION) {
    return {
      kind: "later",
      at: new Date(Date.now() + NEWER_DATA_DELAY_MS),
      reason: "a newer worker wrote this job",
    };
  }
  const parsed = CATALOG[spec.name].schema.safeParse(job.data);
  if (!parsed.success) return { kind: "failed", reason: "the job's data is not of its kind" };
  const data = parsed.data as JobData<Name>;
  const id = job.id ?? "";
  if (spec.idOf !== undefined && spec.idOf(data) !== id) {
    return { kind: "stale", reason: "the job's data does not belong to its id" };
  }
  try {
    return await spec.process(data, stop, startOf(job));
  } catch (error) {
    return waitAsAsked(error);
  }
}

/**
 * The queue counts a job's ends, not its starts: taking it over from a dead worker, parking and
 * promoting it leave the count as it is. Its reason of failure is there while the queue tries again
 * by itself, and a retry by hand takes it away.
 */
function startOf(job: Job): JobStart {
  return { failures: job.attemptsMade, afterFault: Boolean(job.failedReason) };
}

/** A tracker that names a time is obeyed, however often: that is no failed attempt. */
function waitAsAsked(error: unknown): JobOutcome {
  if (!(error instanceof TrackerError) || error.retryAfterMs === null) throw error;
  const wait = Math.max(error.retryAfterMs, SHORTEST_WAIT_MS);
  return { kind: "later", at: new Date(Date.now() + wait), reason: error.message };
}

function outcomeText(outcome: JobOutcome): string {
  return outcome.kind === "finished" ? outcome.note : outcome.reason;
}
