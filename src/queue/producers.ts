import type { Notifications } from "../engine/flows.js";
import type { DeliveryQueue } from "../webhooks/ports.js";
import type { Queues } from "./queues.js";

export function deliveryJobId(fingerprint: string): string {
  return `d-${fingerprint}`;
}

/** The receiver's way onto queue `deliveries`. */
export function createDeliveryQueue(queues: Queues): DeliveryQueue {
  return {
    async add(delivery) {
      const title = `${delivery.event.kind} in ${delivery.event.project}`;
      await queues.add("deliveries", title, deliveryJobId(delivery.fingerprint), delivery);
    },
  };
}

/**
 * The engine's way onto queue `notifications`; effect ids have no colon. Where no messenger is
 * configured nobody hears `notification`s, so they don't become jobs.
 */
export function createNotifications(
  queues: Queues,
  options: { readonly messenger: boolean },
): Notifications {
  return {
    async add(notification) {
      const { effect, item } = notification;
      if (effect.kind === "notification" && !options.messenger) return;
      const title = `${item ?? "issue"} ${effect.kind}`;
      await queues.add("notifications", title, `n-${effect.id}`, notification);
    },
  };
}
