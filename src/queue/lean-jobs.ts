import { Job, type JobProgress, type JobsOptions, Queue, Worker } from "bullmq";
import { CATALOG } from "./catalog.js";

/**
 * A job that stores what only it has: thousands of them wait (decision 15). BullMQ would repeat its id
 * and its parent among its options, which it doesn't read again: the id is the key's, the parent has
 * fields of its own. How often a kind of job is tried stands in the catalog; it is filled in when the
 * job is read, unless the job says otherwise.
 */
class LeanJob<Data, Result, Name extends string, Progress extends JobProgress> extends Job<
  Data,
  Result,
  Name,
  Progress
> {
  static override fromJSON<Data, Result, Name extends string>(
    ...[queue, json, id]: Parameters<typeof Job.fromJSON>
  ): Job<Data, Result, Name> {
    // Read for this job alone: to copy it whole would cost more than all else here.
    json.opts = { ...usualOf(queue.name), ...json.opts };
    // biome-ignore lint/complexity/noThisInStatic: it makes one of the class it's called on
    return super.fromJSON<Data, Result, Name>(queue, json, id);
  }

  override asJSON(): ReturnType<Job["asJSON"]> {
    const json = super.asJSON();
    const { jobId, parent, ...opts } = json.opts;
    return { ...json, opts: withoutUsual(opts, this.queueName) };
  }
}

const USUAL: ReadonlyMap<string, JobsOptions> = new Map(
  Object.entries(CATALOG).map(([queue, { options }]) => [queue, options]),
);
const USUAL_TEXTS = new Map(
  [...USUAL].map(([queue, usual]) => {
    const texts = Object.entries(usual).map(([name, value]) => [name, text(value)] as const);
    return [queue, new Map<string, string>(texts)];
  }),
);

function usualOf(queue: string): JobsOptions {
  return USUAL.get(queue) ?? {};
}

function withoutUsual(opts: JobsOptions, queue: string): JobsOptions {
  const usually = USUAL_TEXTS.get(queue);
  const own = Object.entries(opts).filter(([name, value]) => usually?.get(name) !== text(value));
  return Object.fromEntries(own);
}

/** Of two values that are alike it is the same, in whatever order BullMQ copied their fields. */
function text(value: unknown): string {
  const fields = typeof value === "object" && value !== null ? Object.entries(value).sort() : value;
  return JSON.stringify(fields);
}

export class LeanQueue extends Queue {
  protected override get Job(): typeof Job {
    return LeanJob;
  }
}

/** Must be told of jobs as LeanJob reads them: it is the worker that decides whether one is tried again. */
export class LeanWorker extends Worker {
  protected override get Job(): typeof Job {
    return LeanJob;
  }
}
