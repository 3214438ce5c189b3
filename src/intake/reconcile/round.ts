import type { Project } from "../../domain/fleet.js";
import type { TrackerName } from "../../domain/issue.js";
import { isFinished, type WorkItem } from "../../domain/work-item.js";
import { TrackerError, type TrackerPlace } from "../../engine/tracker.js";
import {
  type FleetCheck,
  type PlaceCheck,
  type ProjectCheck,
  type ProjectLook,
  type ReconcileDeps,
  type RepositoryCheck,
  RoundOver,
} from "./check.js";
import { codeCheck } from "./code.js";
import { commentsCheck } from "./comments.js";
import { failedJobsCheck } from "./failed-jobs.js";
import { flowsCheck } from "./flows.js";
import { hooksCheck } from "./hooks.js";
import { issuesCheck } from "./issues.js";
import { slotsCheck } from "./slots.js";

const PLACE_CHECKS: readonly PlaceCheck[] = [issuesCheck, commentsCheck];
const REPOSITORY_CHECKS: readonly RepositoryCheck[] = [codeCheck, hooksCheck];
const PROJECT_CHECKS: readonly ProjectCheck[] = [flowsCheck];
const FLEET_CHECKS: readonly FleetCheck[] = [slotsCheck, failedJobsCheck];

const PAGE = 200;
/** What wasn't looked at when this is over is looked at in the next round, in ms. */
const LONGEST_ROUND_MS = 10 * 60_000;
/** The project at which a tracker last wanted to be left alone. */
const STOPPED_AT = "stopped-at";

export interface Round {
  /** Checks that could not be carried through. */
  readonly failed: number;
  /** Ms until a tracker that wants to be left alone may be asked again; null: none does. */
  readonly retryAfterMs: number | null;
}

export type RoundDeps = Omit<ReconcileDeps, "goOn">;

/**
 * Compares trackers, store and queue once and repairs what differs. A check that fails keeps no other
 * from its work; a tracker that names a time isn't asked before that.
 */
export async function reconcile(given: RoundDeps, signal?: AbortSignal): Promise<Round> {
  const until = given.clock() + LONGEST_ROUND_MS;
  const goOn = () => {
    if (signal?.aborted === true || given.clock() >= until) throw new RoundOver();
  };
  const deps: ReconcileDeps = { ...given, goOn };
  const round = roundOf(deps);
  const active = await activeItems(deps);
  for (const project of await projectsInTurn(deps)) {
    const items = active.filter((item) => item.project === project.name);
    await lookAtProject(deps, round, { project, items });
  }
  for (const check of FLEET_CHECKS)
    await round.carryThrough(check.name, null, () => check.look(deps));
  const { failed, retryAfterMs, stoppedAt } = round.state;
  await deps.memory.put(STOPPED_AT, stoppedAt ?? "");
  deps.log.debug({ failed, retryAfterMs, items: active.length }, "reconciled");
  return { failed, retryAfterMs };
}

async function lookAtProject(
  deps: ReconcileDeps,
  { carryThrough }: RunningRound,
  look: ProjectLook,
): Promise<void> {
  const { project } = look;
  for (const place of placesOf(project)) {
    const tracker = deps.tracker(place.tracker);
    if (tracker === null) continue;
    for (const check of PLACE_CHECKS) {
      const asked = { ...look, place, tracker };
      await carryThrough(check.name, [place.tracker, project], () => check.look(deps, asked));
    }
  }
  const { repo } = project;
  const forge = deps.forgeOf(project);
  if (forge !== null && repo !== null) {
    for (const check of REPOSITORY_CHECKS) {
      const asked = { ...look, repo, forge };
      await carryThrough(check.name, ["gitea", project], () => check.look(deps, asked));
    }
  }
  for (const check of PROJECT_CHECKS) {
    await carryThrough(check.name, null, () => check.look(deps, look));
  }
}

type Asked = readonly [tracker: TrackerName, project: Project] | null;

interface RunningRound {
  readonly state: { failed: number; retryAfterMs: number | null; stoppedAt: string | null };
  /** Carries a check through unless the round is over, or whom it asks wants to be left alone. */
  carryThrough(name: string, asked: Asked, work: () => Promise<void>): Promise<void>;
}

function roundOf(deps: ReconcileDeps): RunningRound {
  const state: RunningRound["state"] = { failed: 0, retryAfterMs: null, stoppedAt: null };
  const left = new Set<TrackerName>();
  return {
    state,
    async carryThrough(name, asked, work) {
      if (asked !== null && left.has(asked[0])) return;
      try {
        deps.goOn();
        await work();
      } catch (error) {
        if (error instanceof RoundOver) return;
        state.failed += 1;
        const project = asked?.[1].name ?? null;
        deps.log.warn({ err: error, check: name, project }, "a check was broken off");
        const after = error instanceof TrackerError ? error.retryAfterMs : null;
        if (after === null || asked === null) return;
        left.add(asked[0]);
        state.retryAfterMs = Math.max(after, state.retryAfterMs ?? 0);
        state.stoppedAt ??= project;
      }
    },
  };
}

/** The next round goes on where a tracker stopped this one, so that none is left out for ever. */
async function projectsInTurn({ fleet, memory }: ReconcileDeps): Promise<readonly Project[]> {
  const stoppedAt = await memory.get(STOPPED_AT);
  const from = Math.max(
    fleet.projects.findIndex(({ name }) => name === stoppedAt),
    0,
  );
  return [...fleet.projects.slice(from), ...fleet.projects.slice(0, from)];
}

/** Those that haven't ended. */
async function activeItems({ items }: ReconcileDeps): Promise<readonly WorkItem[]> {
  const active: WorkItem[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof items.list>> = await items.list({ limit: PAGE, cursor });
    active.push(...page.items.filter((item) => !isFinished(item)));
    cursor = page.next;
  } while (cursor !== null);
  return active;
}

/** A project that is in Plane has its issues there; its repository's may be assigned all the same. */
function placesOf({ repo, plane }: Project): readonly TrackerPlace[] {
  return [
    ...(repo === null ? [] : [{ tracker: "gitea" as const, repo }]),
    ...(plane === null
      ? []
      : [{ tracker: "plane" as const, workspace: plane.workspace, project: plane.project }]),
  ];
}
