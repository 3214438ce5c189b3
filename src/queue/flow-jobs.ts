import type { FlowJob } from "bullmq";
import { AFTER_RUN, jobIds } from "../domain/ids.js";
import type { FlowPlan, Flows, Notification } from "../engine/flows.js";
import { CATALOG, DATA_VERSION, type QueueName } from "./catalog.js";
import { wakeAt } from "./maintenance.js";
import { notificationJobId, notificationTitle } from "./producers.js";
import { promoteDelayed } from "./promote.js";
import type { Queues } from "./queues.js";

/** A job within a flow; BullMQ exports the type of roots only. */
type FlowChildJob = NonNullable<FlowJob["children"]>[number];

/** Parked jobs wait until promoted; ten years, since scores past 2039 lose precision. */
export const PARKED_MS = 10 * 365 * 24 * 3_600_000;

/** Flows as BullMQ jobs under deterministic ids. */
export function createFlows(queues: Queues): Flows {
  return {
    async add(plan) {
      await queues.flows.add(flowOf(plan, queues.prefix));
    },
    async promote(parked) {
      return promoteDelayed(queues.get(parked.queue), parked.id);
    },
    wakeAt: (moment) => wakeAt(queues, moment),
    slotJob: (item, version) => ({ queue: "slots", id: jobIds.slot(item, version) }),
    runJob: (item, version) => ({ queue: "runs", id: jobIds.run(item, version) }),
    edgeJob: (item, version, blocker) => ({
      queue: "dependencies",
      id: jobIds.edge(item, version, blocker, 0),
    }),
    async discard(item, version) {
      const root = await queues.get("stages").getJob(jobIds.advance(item, version, AFTER_RUN));
      try {
        await root?.remove({ removeChildren: true });
      } catch (error) {
        // What is under way can't be removed, nor what waits for it; its version tells it to do nothing.
        if (!(await isUnderWay(queues, item, version))) throw error;
      }
    },
  };
}

async function isUnderWay(queues: Queues, item: string, version: number): Promise<boolean> {
  const jobs = await Promise.all([
    queues.get("runs").getJob(jobIds.run(item, version)),
    queues.get("gates").getJob(jobIds.gate(item, version, AFTER_RUN)),
    queues.get("stages").getJob(jobIds.advance(item, version, AFTER_RUN)),
    queues.get("notifications").getJob(notificationJobId(jobIds.pullRequest(item, version))),
  ]);
  const active = await Promise.all(jobs.map((job) => job?.isActive() ?? false));
  return active.includes(true);
}

function flowOf(plan: FlowPlan, prefix: string): FlowJob {
  const { item, version, evaluation, trigger, run } = plan;
  const first = plan.pullRequest === undefined ? [] : [pullRequestOf(plan.pullRequest, prefix)];
  const gate = jobOf(
    "gates",
    prefix,
    `${item} gate`,
    jobIds.gate(item, version, evaluation),
    { item, version, evaluation, trigger },
    run === null ? first : [runOf(item, version, run.unmet, first, prefix)],
  );
  return jobOf(
    "stages",
    prefix,
    `${item} advance`,
    jobIds.advance(item, version, evaluation),
    { item, version, evaluation },
    [gate],
  );
}

function runOf(
  item: string,
  version: number,
  unmet: readonly string[],
  first: readonly FlowChildJob[],
  prefix: string,
): FlowChildJob {
  const parked = { delay: PARKED_MS };
  const edges = unmet.map((blocker) =>
    jobOf(
      "dependencies",
      prefix,
      // Of all jobs these are the most: the shorter, the more of them Redis holds. Their ids name the item.
      `after ${blocker.slice(blocker.indexOf(":") + 1)}`,
      jobIds.edge(item, version, blocker, 0),
      { item, version, blocker },
      [],
      parked,
    ),
  );
  const slot = jobOf(
    "slots",
    prefix,
    `${item} waits for a slot`,
    jobIds.slot(item, version),
    { item, version },
    [],
    parked,
  );
  return jobOf("runs", prefix, `${item} run`, jobIds.run(item, version), { item, version }, [
    ...edges,
    ...first,
    slot,
  ]);
}

function pullRequestOf(notification: Notification, prefix: string): FlowChildJob {
  const id = notificationJobId(notification.effect.id);
  return jobOf(
    "notifications",
    prefix,
    notificationTitle(notification),
    id,
    { ...notification },
    [],
  );
}

function jobOf(
  queueName: QueueName,
  prefix: string,
  name: string,
  jobId: string,
  data: Record<string, unknown>,
  children: FlowChildJob[],
  extra: Record<string, unknown> = {},
): FlowChildJob {
  const { schema, options } = CATALOG[queueName];
  return {
    name,
    queueName,
    prefix,
    data: schema.parse({ ...data, v: DATA_VERSION }),
    opts: { ...options, ...extra, jobId },
    ...(children.length === 0 ? {} : { children }),
  };
}
