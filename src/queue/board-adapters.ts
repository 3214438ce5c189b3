import type { BaseAdapter } from "@bull-board/api/baseAdapter";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { QUEUE_NAMES } from "./catalog.js";
import type { Queues } from "./queues.js";

/** All queues as Bull Board shows them, each job with a link to its item's page. */
export function boardAdapters(queues: Queues): BaseAdapter[] {
  return QUEUE_NAMES.map(
    (name) =>
      new BullMQAdapter(queues.get(name), {
        externalJobUrl: (job) => ({
          displayText: itemOf(job.data) === null ? "Overview" : "Item",
          href:
            itemOf(job.data) === null
              ? "/"
              : `/items/${encodeURIComponent(itemOf(job.data) ?? "")}`,
        }),
      }),
  );
}

function itemOf(data: unknown): string | null {
  const item = typeof data === "object" && data !== null && "item" in data ? data.item : null;
  return typeof item === "string" ? item : null;
}
