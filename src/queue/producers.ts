import type { Notification, Notifications } from "../engine/flows.js";
import type { RecoveryQueue } from "../intake/reconcile/check.js";
import type { ReplayQueue } from "../webhooks/ports.js";
import { CATALOG } from "./catalog.js";
import type { Queues } from "./queues.js";

/**
 * A status comment shows where an item has come to rest: what is over in a moment, as that it waits for its
 * turn when a slot is free, needn't be written to its tracker.
 */
const SETTLES_MS = 300;

export function deliveryJobId(fingerprint: string, replay?: number): string {
  return replay === undefined ? `d-${fingerprint}` : `d-${fingerprint}-r${replay}`;
}

/** Effect ids have no colon, and the letter keeps any from being all digits. */
export function notificationJobId(effect: string): string {
  return `n-${effect}`;
}

export function notificationTitle({ item, effect }: Notification): string {
  return `${item ?? "issue"} ${effect.kind}`;
}

/** What the reconciler found takes the way of a delivery; what was found before isn't added again. */
export function createRecoveryQueue(queues: Queues): RecoveryQueue {
  return {
    async add(delivery) {
      const id = deliveryJobId(delivery.fingerprint);
      if ((await queues.get("deliveries").getJob(id)) !== undefined) return false;
      const title = `${delivery.event.kind} in ${delivery.event.project}, recovered`;
      await queues.add("deliveries", title, id, delivery);
      return true;
    },
  };
}

/** Replays are numbered as long as the jobs of earlier ones are kept. */
export function createReplayQueue(queues: Queues): ReplayQueue {
  const deliveries = queues.get("deliveries");
  return {
    async addAgain(delivery) {
      for (let replay = 1; ; replay += 1) {
        const id = deliveryJobId(delivery.fingerprint, replay);
        if ((await deliveries.getJob(id)) !== undefined) continue;
        const title = `${delivery.event.kind} in ${delivery.event.project}, again`;
        await queues.add("deliveries", title, id, { ...delivery, replay });
        return id;
      }
    },
    async taken(fingerprint) {
      const job = await deliveries.getJob(deliveryJobId(fingerprint));
      const parsed = CATALOG.deliveries.schema.safeParse(job?.data);
      return parsed.success ? parsed.data : null;
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
      const delay = effect.kind === "status-comment" ? SETTLES_MS : undefined;
      await queues.add("notifications", notificationTitle(notification), id, notification, delay);
    },
  };
}
