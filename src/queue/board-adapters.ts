import type { BaseAdapter } from "@bull-board/api/baseAdapter";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import type { QueueAdapterOptions } from "@bull-board/api/typings/app";
import type { Job, Queue } from "bullmq";
import { CATALOG, type JobData, QUEUE_NAMES } from "./catalog.js";
import type { Queues } from "./queues.js";

/** What people want to know of a job and the queue doesn't. */
export interface JobFacts {
  /** What the agents of a run job printed, a line each. */
  readonly logsOf: (job: JobData<"runs">) => Promise<readonly string[]>;
  /** The stage an item stood in at a version; null: it isn't known. */
  readonly stageOf: (job: { item: string; version: number }) => Promise<string | null>;
}

/** All queues as Bull Board shows them, each job titled by item and stage, with a link to its item. */
export function boardAdapters(queues: Queues, facts: JobFacts): BaseAdapter[] {
  return QUEUE_NAMES.map((name) => new TitledAdapter(queues.get(name), facts));
}

class TitledAdapter extends BullMQAdapter {
  /** What is done moved its item on; the board refuses to do it again. */
  override readonly allowCompletedRetries = false;
  readonly #facts: JobFacts;
  readonly #isRuns: boolean;

  constructor(queue: Queue, facts: JobFacts) {
    const options: Partial<QueueAdapterOptions> = {
      externalJobUrl: (job) => linkOf(itemOf(job.data)),
    };
    super(queue, options);
    this.#facts = facts;
    this.#isRuns = queue.name === "runs";
  }

  override async getJob(id: string): Promise<Job | undefined> {
    const job = await super.getJob(id);
    if (job !== undefined) await this.#title(job);
    return job;
  }

  override async getJobs(...page: Parameters<BullMQAdapter["getJobs"]>): Promise<Job[]> {
    const jobs = await super.getJobs(...page);
    await Promise.all(jobs.map((job) => this.#title(job)));
    return jobs;
  }

  /** The logs of runs are ours, not the queue's. */
  override async getJobLogs(id: string): Promise<string[]> {
    if (!this.#isRuns) return super.getJobLogs(id);
    const parsed = CATALOG.runs.schema.safeParse((await super.getJob(id))?.data);
    return parsed.success ? [...(await this.#facts.logsOf(parsed.data))] : [];
  }

  /** `ET-001 run` becomes `ET-001 development: run`, where it is shown; what is stored stays. */
  async #title(job: Job): Promise<void> {
    const { data } = CATALOG.slots.schema.safeParse(job.data);
    const stage = data === undefined ? null : await this.#facts.stageOf(data);
    if (data === undefined || stage === null || !job.name.startsWith(`${data.item} `)) return;
    job.name = `${data.item} ${stage}: ${job.name.slice(data.item.length + 1)}`;
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
