import { DelayedError, type Job, UnrecoverableError } from "bullmq";
import type { JobOutcome } from "../engine/jobs.js";
import { PARKED_MS } from "./flow-jobs.js";

/** The one place that translates what became of a job to BullMQ. What it returns the board shows. */
export async function settle(job: Job, token: string, outcome: JobOutcome): Promise<string> {
  switch (outcome.kind) {
    case "finished":
      return outcome.note;
    case "stale":
      return `nothing to do: ${outcome.reason}`;
    case "failed":
      throw withoutStack(new UnrecoverableError(outcome.reason));
    case "parked":
      await job.moveToDelayed(Date.now() + PARKED_MS, token);
      await outcome.afterwards?.();
      throw new DelayedError(outcome.reason);
    case "later":
      await job.moveToDelayed(outcome.at.getTime(), token);
      throw new DelayedError(outcome.reason);
  }
}

/** An outcome happens nowhere in our code: its lines would be all that the board shows of it. */
function withoutStack(error: Error): Error {
  error.stack = `${error.name}: ${error.message}`;
  return error;
}
