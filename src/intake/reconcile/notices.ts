import type { Fleet } from "../../domain/fleet.js";
import type { Notifications } from "../../engine/flows.js";

interface NoticeDeps {
  readonly fleet: Fleet;
  readonly notifications: Notifications;
}

/** Tells the fleet's people what concerns no item. `project` null: nobody's in particular. */
export async function notifyOf(
  { fleet, notifications }: NoticeDeps,
  id: string,
  project: string | null,
  text: string,
): Promise<void> {
  const about = fleet.projects.find(({ name }) => name === project) ?? fleet.projects[0];
  if (about === undefined) return;
  await notifications.add({
    // It is told where notifications are, and not on an issue.
    address: { tracker: "gitea", repo: about.repo ?? "", number: 0 },
    project: about.name,
    item: null,
    effect: { id: id.replace(/[^\w.-]+/g, "_"), kind: "notification", text },
  });
}
