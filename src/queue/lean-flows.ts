import { FlowProducer, Job, type JobProgress } from "bullmq";

/**
 * A job that keeps its own id and its parent once. BullMQ would store both among its options as well,
 * which it doesn't read again: the id is the key's, the parent has fields of its own.
 */
class LeanJob<Data, Result, Name extends string, Progress extends JobProgress> extends Job<
  Data,
  Result,
  Name,
  Progress
> {
  override asJSON(): ReturnType<Job["asJSON"]> {
    const json = super.asJSON();
    const { jobId, parent, ...opts } = json.opts;
    return { ...json, opts };
  }
}

/** Adds flows whose jobs take a sixth less memory: thousands of them wait (decision 15). */
export class LeanFlows extends FlowProducer {
  protected override get Job(): typeof Job {
    return LeanJob;
  }
}
