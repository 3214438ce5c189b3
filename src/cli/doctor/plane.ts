import type { Config } from "../../config/load.js";
import type { PlaneProject } from "../../domain/fleet.js";
import { TRACKER_STATES } from "../../domain/tracker-state.js";
import { createPlaneProbe, type PlaneProbe } from "../../trackers/plane-probe.js";
import { type Check, type Finding, fail, ok, wordsOf } from "./check.js";
import { clockFinding } from "./clock.js";
import { statusOf } from "./gitea.js";
import type { Patient } from "./patient.js";

/** Plane's key, and the states of each project's board. */
export function planeChecks(patient: Patient): readonly Check[] {
  const { config } = patient;
  const projects = config?.fleet.projects.flatMap(({ name, plane }) =>
    plane === null ? [] : [{ name, plane }],
  );
  if (config === null || projects === undefined || projects.length === 0) return [];
  const { planeUrl, planeApiKey } = config.environment;
  if (planeUrl === null || planeApiKey === null) {
    return [{ name: "Plane", look: async () => [notSet(config)] }];
  }
  const options = { url: planeUrl, apiKey: planeApiKey, timeoutMs: patient.callMs };
  return projects.map(({ name, plane }) => ({
    name: `Plane's project of ${name}`,
    look: () => look(createPlaneProbe(options), plane, patient.clock),
  }));
}

function notSet({ environment }: Config): Finding {
  const missing = [
    ...(environment.planeUrl === null ? ["PLANE_URL"] : []),
    ...(environment.planeApiKey === null ? ["PLANE_API_KEY"] : []),
  ];
  const says = `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} not set`;
  return fail(
    says,
    `set ${missing.length === 1 ? "it" : "them"}; the key is one of the bot's account`,
  );
}

async function look(
  plane: PlaneProbe,
  project: PlaneProject,
  clock: () => number,
): Promise<readonly Finding[]> {
  const before = clock();
  try {
    const states = await plane.states(project);
    const at = plane.at();
    const clocks = at === null ? [] : [clockFinding("Plane's", at - (before + clock()) / 2)];
    return [statesOf(project, states), ...clocks];
  } catch (error) {
    return [refusal(error)];
  }
}

function refusal(error: unknown): Finding {
  const status = statusOf(error);
  if (status === 401 || status === 403) {
    return fail(
      `PLANE_API_KEY is refused (${wordsOf(error)})`,
      "make a key as the bot: Profile settings → Personal access tokens; it must be a member",
    );
  }
  if (status === 404) {
    return fail("there is no such project", "correct `plane.workspace` and `plane.project`");
  }
  return fail(wordsOf(error), "see that PLANE_URL is the address whose /api/v1 answers");
}

function statesOf({ states: called }: PlaneProject, states: readonly string[]): Finding {
  const has = (name: string) =>
    states.some((state) => state.trim().toLowerCase() === name.trim().toLowerCase());
  const missing = TRACKER_STATES.map((ours) => ({ ours, theirs: called[ours] ?? ours })).filter(
    ({ theirs }) => !has(theirs),
  );
  if (missing.length === 0) return ok("the board has every state");
  const named = missing.map(({ ours, theirs }) =>
    ours === theirs ? `"${theirs}"` : `"${theirs}" (for "${ours}")`,
  );
  const existing = states.map((state) => `"${state}"`).join(", ") || "none";
  return fail(
    `the board has no state ${named.join(", ")}; it has ${existing}`,
    "add them in the project's settings, or say under `plane.states` what yours are called",
  );
}
