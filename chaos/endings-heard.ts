import type { DomainEvent } from "../src/domain/events.js";
import { type Fleet, projectNamed } from "../src/domain/fleet.js";
import { keyOf } from "../src/intake/deps.js";
import type { Queues } from "../src/queue/queues.js";
import type { HeardEnding } from "./snapshot.js";

/** What people do who withdraw an issue. */
const ENDINGS = ["closed", "unassigned"];

/** Deliveries of an issue's end that were taken in, and those that the reconciler made up for. */
export async function endingsHeard(queues: Queues, fleet: Fleet): Promise<readonly HeardEnding[]> {
  const jobs = await queues.get("deliveries").getJobs(["completed"]);
  // One that passed its age between the list and the look isn't there any more.
  return jobs.filter(Boolean).flatMap(({ data, processedOn, finishedOn, returnvalue }) => {
    const event = data.event as DomainEvent;
    const project = projectNamed(fleet, event.project);
    if (event.kind !== "issue" || !ENDINGS.includes(event.action)) return [];
    if (project === undefined || processedOn === undefined || finishedOn === undefined) return [];
    const times = { takenAt: processedOn, heardAt: finishedOn };
    return [{ issue: keyOf(project, event), ...times, followed: String(returnvalue) }];
  });
}
