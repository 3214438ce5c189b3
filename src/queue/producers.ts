import type { Notification, Notifications } from "../engine/flows.js";
import type { DeliveryQueue } from "../webhooks/ports.js";
import type { Queues } from "./queues.js";

export function deliveryJobId(fingerprint: string): string {
  return `d-${fingerprint}`;
}

/** Effect ids have no colon, and the letter keeps any from being all digits. */
export function notificationJobId(effect: string): string {
  return `n-${effect}`;
}

export function notificationTitle({ item, effect }: Notification): string {
  return `${item ?? "issue"} ${effect.kind}`;
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
 * The engine's way onto queue `notifications`. Where no messenger is configured nobody hears
 * `notification`s, so they don't become jobs.
 */
export function createNotifications(
  queues: Queues,
  options: { readonly messenger: boolean },
): Notifications {
  return {
    async add(notification) {
      const { effect } = notification;
      if (effect.kind === "notification" && !options.messenger) return;
      const id = notificationJobId(effect.id);
      await queues.add("notifications", notificationTitle(notification), id, notification);
    },
  };
}
