import type { Stage } from "../../domain/stage.js";
import type { ItemStatus, WorkItem } from "../../domain/work-item.js";
import type { ReadWorkItems } from "../../engine/work-items.js";
import { QUEUE_NAMES, type QueueName } from "../../queue/catalog.js";
import type { Queues } from "../../queue/queues.js";
import type { Look } from "./look.js";

export const JOB_STATES = ["waiting", "active", "delayed", "failed", "completed"] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Counts of a queue's jobs, and the workers that take them. */
export type QueueStatus = Readonly<Record<JobState, number>> & { readonly workers: number };

export interface FleetStatus {
  /** Its address, without the password. */
  readonly redis: string;
  readonly items: Readonly<Partial<Record<Stage, Readonly<Partial<Record<ItemStatus, number>>>>>>;
  /** How many were counted, and whether older ones were left out. */
  readonly counted: number;
  readonly more: boolean;
  /** Newest first: those that don't go on by themselves. */
  readonly stuck: readonly WorkItem[];
  readonly queues: Readonly<Record<QueueName, QueueStatus>>;
}

const PAGE = 500;
/** Older ones are left out, so that a fleet of many years answers in time as well. */
const MOST_ITEMS = 10_000;
const NEEDS_A_PERSON: readonly ItemStatus[] = [
  "awaiting-approval",
  "needs-input",
  "failed",
  "blocked",
  "paused",
];

export async function readStatus({ redis, items, queues }: Look): Promise<FleetStatus> {
  const [counts, queueStatus] = await Promise.all([countItems(items), readQueues(queues)]);
  return { redis, ...counts, queues: queueStatus };
}

async function countItems(
  items: ReadWorkItems,
): Promise<Pick<FleetStatus, "items" | "counted" | "more" | "stuck">> {
  const byStage: Partial<Record<Stage, Partial<Record<ItemStatus, number>>>> = {};
  const stuck: WorkItem[] = [];
  let counted = 0;
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<ReadWorkItems["list"]>> = await items.list({
      limit: PAGE,
      cursor,
    });
    for (const item of page.items) {
      const stage = byStage[item.stage] ?? {};
      stage[item.status] = (stage[item.status] ?? 0) + 1;
      byStage[item.stage] = stage;
      if (NEEDS_A_PERSON.includes(item.status)) stuck.push(item);
    }
    counted += page.items.length;
    cursor = page.next;
  } while (cursor !== null && counted < MOST_ITEMS);
  return { items: byStage, counted, more: cursor !== null, stuck };
}

async function readQueues(queues: Queues): Promise<Record<QueueName, QueueStatus>> {
  const read = await Promise.all(
    QUEUE_NAMES.map(async (name) => [name, await readQueue(queues, name)] as const),
  );
  return Object.fromEntries(read) as Record<QueueName, QueueStatus>;
}

/** A paused queue's jobs wait, and so do those that wait for the jobs they stand on. */
async function readQueue(queues: Queues, name: QueueName): Promise<QueueStatus> {
  const queue = queues.get(name);
  const [counts, workers] = await Promise.all([queue.getJobCounts(), queue.getWorkersCount()]);
  const of = (...states: string[]) => states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  return {
    waiting: of("waiting", "wait", "paused", "prioritized", "waiting-children"),
    active: of("active"),
    delayed: of("delayed"),
    failed: of("failed"),
    completed: of("completed"),
    workers,
  };
}
