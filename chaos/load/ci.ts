import { setTimeout as pause } from "node:timers/promises";
import type { Dice } from "../../tests/support/dice.js";
import { CHECKED_REPO, CI_CONTEXT } from "../world/projects.js";
import type { World } from "../world/world.js";

const LOOK_MS = 500;
const SLOWEST_MS = 6_000;
const RED = 0.15;

/** CI of the checked repository: gives every new head of a work item's branch its result, until the signal. */
export async function runCi(world: World, dice: Dice, signal: AbortSignal): Promise<void> {
  const known = new Set<string>();
  const jobs: Promise<void>[] = [];
  while (!signal.aborted) {
    for (const sha of await headsOf(world)) {
      if (known.has(sha)) continue;
      known.add(sha);
      jobs.push(check(world, dice, sha, signal));
    }
    await pause(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(jobs);
}

async function headsOf({ remotes }: World): Promise<readonly string[]> {
  const refs = await remotes.checked.git("for-each-ref", "--format=%(objectname)", "refs/heads");
  return refs.split("\n").filter(Boolean);
}

/** Pending, red or green: the courier may well bring them in another order. */
async function check(world: World, dice: Dice, sha: string, signal: AbortSignal): Promise<void> {
  const lasts = dice.below(SLOWEST_MS);
  const result = dice.chance(RED) ? "failure" : "success";
  const say = (state: "pending" | "success" | "failure") =>
    world.gitea.setStatus(CHECKED_REPO, sha, CI_CONTEXT, state);
  say("pending");
  await pause(lasts, undefined, { signal }).catch(() => undefined);
  if (!signal.aborted) say(result);
}
