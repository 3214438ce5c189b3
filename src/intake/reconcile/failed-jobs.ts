import { recoveryCount } from "../../domain/counts.js";
import type { DomainEvent } from "../../domain/events.js";
import { projectNamed } from "../../domain/fleet.js";
import { jobFailed } from "../../domain/job-failure.js";
import { driveOutbox } from "../../engine/outbox.js";
import type { FailedJob } from "../../engine/queue-looks.js";
import { keyOf } from "../deps.js";
import type { FleetCheck, ReconcileDeps } from "./check.js";
import { notifyOf } from "./notices.js";
import { markedAs } from "./recovering.js";

/** Of each queue, newest first. */
const MOST_JOBS = 200;
const LONGEST_REASON = 300;
const MARK = "told:";
/** Part of the ids of what is told here, so that nobody tells of its own failure. */
const TELLING = "job-failed";

/** Failed jobs nobody was told of; those of a version that is over go with all that waits for them. */
export const failedJobsCheck: FleetCheck = {
  name: "failed jobs",
  asks: "fleet",
  async look(deps) {
    const failed = await deps.jobs.failed(MOST_JOBS);
    const known = new Set(await deps.memory.names(MARK));
    for (const job of failed) {
      deps.goOn();
      if (known.delete(markOf(job))) continue;
      await tellOf(deps, job);
      await deps.memory.put(markOf(job), job.reason.slice(0, LONGEST_REASON));
    }
    // Those that were retried may fail, and be told of, again. A full list says nothing of the rest.
    if (failed.length < MOST_JOBS) await deps.memory.forget([...known]);
  },
};

function markOf({ queue, id, at }: FailedJob): string {
  return `${MARK}${queue}:${id}:${at}`;
}

async function tellOf(deps: ReconcileDeps, job: FailedJob): Promise<void> {
  deps.log.warn({ queue: job.queue, job: job.id, reason: job.reason }, "a job has failed for good");
  if (job.notification?.effect.id.includes(TELLING)) return;
  const id = job.item ?? (await itemOfEvent(deps, job.event));
  if (id === null) return tellWithoutItem(deps, job);
  if (await isOver(deps, id, job)) return deps.flows.discard(id, job.version ?? 0);
  const at = new Date(deps.clock()).toISOString();
  const failure = {
    queue: job.queue,
    job: job.id,
    reason: deps.mask(job.reason).slice(0, LONGEST_REASON),
    version: job.version,
    evaluation: job.evaluation,
    effect: job.notification?.effect.kind ?? null,
  };
  const cause = { id: `${TELLING}-${job.id}-${job.at}`, text: `job ${job.id}`, at };
  const recovery = {
    kind: "failed-job",
    reason: `Nobody was told that ${job.id} failed.`,
  } as const;
  await deps.items.transition(id, (item) => {
    const told = jobFailed(item, failure, cause);
    return told === null ? null : markedAs(told, recovery);
  });
  await driveOutbox(deps, id);
}

/**
 * Its item has moved on without it. Who moved it on removes what was left of its version, but not a
 * job that was under way: that one fails later, and would wait for a retry that does nothing.
 */
async function isOver(deps: ReconcileDeps, id: string, { version }: FailedJob): Promise<boolean> {
  const item = version === null ? null : await deps.items.find(id);
  return item !== null && item.version !== version;
}

async function itemOfEvent(deps: ReconcileDeps, event: DomainEvent | null): Promise<string | null> {
  const project = event === null ? undefined : projectNamed(deps.fleet, event.project);
  if (event === null || project === undefined) return null;
  switch (event.kind) {
    case "issue":
    case "comment":
      return deps.items.ofIssue(keyOf(project, event));
    case "checked":
      return deps.items.ofCommit(event.commit);
    default:
      return deps.items.ofBranch(project.name, event.branch);
  }
}

async function tellWithoutItem(deps: ReconcileDeps, job: FailedJob): Promise<void> {
  const reason = deps.mask(job.reason).slice(0, LONGEST_REASON);
  const text = `Job ${job.id} of queue ${job.queue} failed: ${reason}. Retry it in the board.`;
  await notifyOf(deps, `${TELLING}-${job.id}-${job.at}`, job.event?.project ?? null, text);
  await deps.count(recoveryCount("failed-job"));
}
