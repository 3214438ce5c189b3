import type { Obstacle, Plan, PlanEntry } from "../engine/plan.js";
import { plain } from "./look-command.js";

const LONGEST_TITLE = 50;

/** One line of JSON, in the order of the plan. */
export function planJson({ entries, more }: Plan): string {
  return JSON.stringify({ plan: entries.map(entryJson), more });
}

function entryJson(entry: PlanEntry) {
  const { item, title, project, stage, state } = entry;
  const told = { item, title, project, stage, state, why: reasonOf(entry) };
  return entry.state === "blocked" ? { ...told, blocked_by: entry.by } : told;
}

/** A line for each; what others wrote can't steer the terminal. */
export function planText({ entries, more }: Plan): string {
  if (entries.length === 0) return "Nothing waits to start.";
  const lines = entries.map((entry) => {
    const title = plain(entry.title).slice(0, LONGEST_TITLE);
    return `${entry.item}  ${plain(entry.project)}, ${entry.stage}: ${plain(reasonOf(entry))}  (${title})`;
  });
  return [...lines, ...(more ? ["There are more: --limit shows them."] : [])].join("\n");
}

function reasonOf(entry: PlanEntry): string {
  switch (entry.state) {
    case "starts":
      return "starts now";
    case "waits":
      return obstacleText(entry.for);
    case "blocked":
      return `blocked by ${entry.by.map(issueName).join(", ")}`;
  }
}

function obstacleText(obstacle: Obstacle): string {
  switch (obstacle.kind) {
    case "project":
      return `waits for a slot: ${obstacle.used} of ${obstacle.limit} of its repository are in use`;
    case "role":
      return `waits for a slot: ${obstacle.used} of ${obstacle.limit} of role ${obstacle.name} are in use`;
    case "paused":
      return obstacle.untilMs === undefined
        ? `waits until ${obstacle.provider} no longer pauses`
        : `waits until ${obstacle.provider} no longer pauses, at ${new Date(obstacle.untilMs).toISOString()}`;
    case "expected":
      return `lets #${obstacle.number} go first, which is on its way`;
    case "earlier":
      return "waits until its earlier run has given its slot back";
    case "unknown":
      return `waits: the configuration knows no project ${obstacle.name}`;
  }
}

/** `acme/rocket#160`, as people write it. */
function issueName(issue: string): string {
  return issue.replace(/^gitea:/, "");
}
