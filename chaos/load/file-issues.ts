import { setTimeout as pause } from "node:timers/promises";
import { BOT } from "../world/projects.js";
import type { World } from "../world/world.js";
import type { PlannedIssue } from "./issues.js";
import { htmlOf } from "./speech.js";

/** Files each issue at its time, and withdraws those that are to be. */
export async function fileIssues(
  world: World,
  issues: readonly PlannedIssue[],
  signal: AbortSignal,
): Promise<void> {
  const acts = issues.flatMap((issue) => [
    { at: issue.at, act: () => file(world, issue) },
    ...(issue.withdrawn === null
      ? []
      : [{ at: issue.withdrawn.at, act: () => withdraw(world, issue) }]),
  ]);
  const began = performance.now();
  for (const { at, act } of acts.sort((a, b) => a.at - b.at)) {
    await pause(Math.max(0, began + at - performance.now()), undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    act();
  }
}

function file({ gitea, plane }: World, { address, title, body, blockers }: PlannedIssue): void {
  if (address.tracker === "gitea") {
    const { repo, number } = address;
    gitea.addIssue({ repo, number, title, body, assignees: [BOT] });
    return;
  }
  const { project, id } = address;
  plane.addIssue({ project, id, name: title, descriptionHtml: htmlOf(body) });
  plane.setBlockers(
    id,
    blockers.map((key) => key.split("/").at(-1) ?? ""),
  );
}

function withdraw({ gitea, plane }: World, { address, withdrawn }: PlannedIssue): void {
  if (address.tracker === "plane") plane.moveTo(address.id, "Cancelled");
  else if (withdrawn?.by === "close") gitea.close(address.repo, address.number);
  else gitea.unassign(address.repo, address.number, BOT);
}
