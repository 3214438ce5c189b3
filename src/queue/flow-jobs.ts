import { addDelayedJob } from "bullmq/dist/cjs/scripts/addDelayedJob-6.js";
import { addParentJob } from "bullmq/dist/cjs/scripts/addParentJob-6.js";
import { addStandardJob } from "bullmq/dist/cjs/scripts/addStandardJob-9.js";
import { releaseParentIfNoPendingDependencies } from "bullmq/dist/cjs/scripts/releaseParentIfNoPendingDependencies-2.js";
import { AFTER_RUN, jobIds } from "../domain/ids.js";
import type { FlowPlan, Flows, Notification } from "../engine/flows.js";
import { CATALOG, DATA_VERSION, type QueueName } from "./catalog.js";
import { wakeAt } from "./maintenance.js";
import { notificationJobId, notificationTitle } from "./producers.js";
import { promoteDelayed } from "./promote.js";
import type { Queues } from "./queues.js";

/** A job of a flow, and those it waits for. */
interface FlowJob {
  readonly queue: QueueName;
  readonly name: string;
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly parked: boolean;
  readonly children: readonly FlowJob[];
}

/** Parked jobs wait until promoted; ten years, since scores past 2039 lose precision. */
export const PARKED_MS = 10 * 365 * 24 * 3_600_000;

/**
 * How plans become BullMQ jobs where it isn't FlowProducer that adds them but BullMQ's scripts, as parts of the
 * one that adds a flow. The result is what FlowProducer would have added.
 */
export function createFlowJobs(queues: Pick<Queues, "get">) {
  return {
    lua: {
      "bullmq/add-parent-job": addParentJob.content,
      "bullmq/add-delayed-job": addDelayedJob.content,
      "bullmq/add-standard-job": addStandardJob.content,
      "bullmq/release-parent": releaseParentIfNoPendingDependencies.content,
    },
    jobsOf(plan: FlowPlan) {
      return inOrder(flowOf(plan)).map(({ job, parent }) => {
        const { queue, id, name, data } = job;
        const toKey = (key: string) => queues.get(queue).toKey(key);
        return {
          key: toKey(id),
          prefix: toKey(""),
          id,
          name,
          data: JSON.stringify(data),
          // How often it is tried needn't be stored with it: LeanJob takes that from the catalog.
          options: JSON.stringify(job.parked ? { delay: PARKED_MS } : {}),
          parent,
          awaitsSlotOf: queue === "slots" ? plan.item : null,
        };
      });
    },
  };
}

/** Flows as jobs under deterministic ids; `store` adds them. */
export function createFlows(queues: Queues, store: Pick<Flows, "add">): Flows {
  return {
    add: (plan) => store.add(plan),
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

interface Placed {
  readonly job: FlowJob;
  /** Its parent's place, from 1. */
  readonly parent: number | null;
}

/** Parents before their children. */
function inOrder(
  job: FlowJob,
  parent: number | null = null,
  before: Placed[] = [],
): readonly Placed[] {
  const place = before.push({ job, parent });
  for (const child of job.children) inOrder(child, place, before);
  return before;
}

function flowOf(plan: FlowPlan): FlowJob {
  const { item, version, evaluation, trigger, run } = plan;
  const first = plan.pullRequest === undefined ? [] : [pullRequestOf(plan.pullRequest)];
  const gate = jobOf(
    "gates",
    `${item} gate`,
    jobIds.gate(item, version, evaluation),
    { item, version, evaluation, trigger },
    run === null ? first : [runOf(item, version, run.unmet, first)],
  );
  return jobOf(
    "stages",
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
  first: readonly FlowJob[],
): FlowJob {
  const edges = unmet.map((blocker) => {
    const id = jobIds.edge(item, version, blocker, 0);
    // Of all jobs these are the most: the shorter, the more of them Redis holds. Their ids name the item.
    const name = `after ${blocker.slice(blocker.indexOf(":") + 1)}`;
    return parked(jobOf("dependencies", name, id, { item, version, blocker }));
  });
  const waits = `${item} waits for a slot`;
  const slot = parked(jobOf("slots", waits, jobIds.slot(item, version), { item, version }));
  const children = [...edges, ...first, slot];
  return jobOf("runs", `${item} run`, jobIds.run(item, version), { item, version }, children);
}

function pullRequestOf(notification: Notification): FlowJob {
  const id = notificationJobId(notification.effect.id);
  return jobOf("notifications", notificationTitle(notification), id, { ...notification });
}

function parked(job: FlowJob): FlowJob {
  return { ...job, parked: true };
}

function jobOf(
  queue: QueueName,
  name: string,
  id: string,
  data: Readonly<Record<string, unknown>>,
  children: readonly FlowJob[] = [],
): FlowJob {
  const parsed = CATALOG[queue].schema.parse({ ...data, v: DATA_VERSION });
  return { queue, name, id, data: parsed, parked: false, children };
}
