import type { BaseAdapter } from "@bull-board/api/baseAdapter";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import type { QueueAdapterOptions } from "@bull-board/api/typings/app";
import type { Queue } from "bullmq";
import { CATALOG, type JobData, QUEUE_NAMES } from "./catalog.js";
import type { Queues } from "./queues.js";

/** What the agents of a run job printed, a line each. */
export type LogsOfJob = (job: JobData<"runs">) => Promise<readonly string[]>;

/** All queues as Bull Board shows them, each job with a link to its item's page, runs with their logs. */
export function boardAdapters(queues: Queues, logsOf: LogsOfJob): BaseAdapter[] {
  return QUEUE_NAMES.map((name) => {
    const options: Partial<QueueAdapterOptions> = {
      externalJobUrl: (job) => linkOf(itemOf(job.data)),
    };
    const queue = queues.get(name);
    return name === "runs"
      ? new RunsAdapter(queue, options, logsOf)
      : new BullMQAdapter(queue, options);
  });
}

/** The logs of runs are ours, not the queue's. */
class RunsAdapter extends BullMQAdapter {
  readonly #logsOf: LogsOfJob;

  constructor(queue: Queue, options: Partial<QueueAdapterOptions>, logsOf: LogsOfJob) {
    super(queue, options);
    this.#logsOf = logsOf;
  }

  override async getJobLogs(id: string): Promise<string[]> {
    const parsed = CATALOG.runs.schema.safeParse((await this.getJob(id))?.data);
    return parsed.success ? [...(await this.#logsOf(parsed.data))] : [];
  }
}

function linkOf(item: string | null) {
  return item === null
    ? { displayText: "Overview", href: "/" }
    : { displayText: "Item", href: `/items/${encodeURIComponent(item)}` };
}

function itemOf(data: unknown): string | null {
  const item = typeof data === "object" && data !== null && "item" in data ? data.item : null;
  return typeof item === "string" ? item : null;
}
