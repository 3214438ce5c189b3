import type { TrackerState } from "../domain/effect.js";
import type { PlaneProject } from "../domain/fleet.js";
import { TrackerError } from "../engine/tracker.js";
import { expectShape } from "./http-answer.js";
import type { HttpClient } from "./http-client.js";
import { type PlaneAddress, projectPath } from "./plane-items.js";
import { type PlaneState, planeStatesShape } from "./plane-shapes.js";

/** A project has a handful of states; more pages than this means the cursor runs in circles. */
const MAX_PAGES = 20;

export interface PlaneStates {
  /** The id of the state a project gives our word. @throws TrackerError naming those that exist. */
  idOf(address: PlaneAddress, state: TrackerState): Promise<string>;
  /** Plane's group of a state: `backlog unstarted started completed cancelled`; null: unknown. */
  groupOf(address: PlaneAddress, id: string): Promise<string | null>;
}

/**
 * A project's states, read once and again when one isn't among them: Plane allows 60 calls a
 * minute, and states hardly ever change.
 */
export function createPlaneStates(
  http: HttpClient,
  projects: readonly PlaneProject[],
): PlaneStates {
  const cache = new Map<string, readonly PlaneState[]>();

  const lookUp = async (address: PlaneAddress, fits: (state: PlaneState) => boolean) => {
    const path = `${projectPath(address)}states/`;
    const cached = cache.get(path)?.find(fits);
    if (cached !== undefined) return { found: cached, all: cache.get(path) ?? [] };
    const all = await readStates(http, path);
    cache.set(path, all);
    return { found: all.find(fits), all };
  };

  return {
    idOf: async (address, state) => {
      const name = stateName(projects, address, state);
      const wanted = name.trim().toLowerCase();
      const { found, all } = await lookUp(
        address,
        (one) => one.name.trim().toLowerCase() === wanted,
      );
      if (found !== undefined) return found.id;
      const names = all.map((one) => `"${one.name}"`).join(", ");
      throw new TrackerError(
        "tracker-refused",
        `Plane's project has no state "${name}" for "${state}"; it has ${names || "none"}`,
        { retryable: false },
      );
    },
    groupOf: async (address, id) =>
      (await lookUp(address, (one) => one.id === id)).found?.group ?? null,
  };
}

function stateName(
  projects: readonly PlaneProject[],
  address: PlaneAddress,
  state: TrackerState,
): string {
  const project = projects.find(
    (one) => one.workspace === address.workspace && one.project === address.project,
  );
  return project?.states[state] ?? state;
}

/** All states of a project, by the path of its list. */
export async function readStates(http: HttpClient, path: string): Promise<PlaneState[]> {
  const all: PlaneState[] = [];
  let query = "";
  for (let page = 0; page < MAX_PAGES; page++) {
    const { body } = await http({ method: "GET", path: `${path}${query}` });
    const answer = expectShape(planeStatesShape, body, "Plane's list of states");
    if (Array.isArray(answer)) return answer;
    all.push(...answer.results);
    if (answer.next_page_results !== true || !answer.next_cursor) return all;
    query = `?cursor=${encodeURIComponent(answer.next_cursor)}`;
  }
  throw new TrackerError("tracker-unexpected", "Plane's list of states has no end", {
    retryable: false,
  });
}
