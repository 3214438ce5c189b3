import { addStandardJob } from "bullmq/dist/cjs/scripts/addStandardJob-9.js";
import type { AcceptedDelivery } from "../webhooks/ports.js";
import { deliveryJobId } from "./producers.js";
import { newJob, type Queues } from "./queues.js";

/**
 * How deliveries become jobs of queue `deliveries` where it isn't BullMQ that adds them but its script,
 * as part of the one that takes deliveries in. The result is what `Queues.add` would have added.
 */
export function createDeliveryJobs(queues: Pick<Queues, "get">) {
  const queue = queues.get("deliveries");
  return {
    lua: addStandardJob.content,
    prefix: queue.toKey(""),
    jobOf(delivery: AcceptedDelivery) {
      const id = deliveryJobId(delivery.fingerprint);
      const { name, data } = newJob("deliveries", deliveryTitle(delivery), id, delivery);
      return { id, name, data: JSON.stringify(data) };
    },
  };
}

function deliveryTitle({ event }: AcceptedDelivery): string {
  return `${event.kind} in ${event.project}`;
}
