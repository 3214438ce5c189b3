import type { Config } from "../../config/load.js";
import type { Project } from "../../domain/fleet.js";
import { TrackerError } from "../../engine/tracker.js";
import type { GiteaAdmin, StoredHook } from "../../trackers/gitea-admin.js";
import {
  HOOK_PATH,
  isReceiver,
  neededEvents,
  unsentEvents,
} from "../../webhooks/gitea/hook-events.js";
import { type Finding, fail, ok, warn } from "./check.js";

const MEND = "`stagecoach hooks --url https://<where the receiver is reached>` makes and mends it";

/** A repository's webhook: there, switched on, leading to a receiver, sending what is needed. */
export async function hookFindings(
  gitea: GiteaAdmin,
  config: Config,
  project: Project,
  receiver: string | null,
): Promise<readonly Finding[]> {
  try {
    const hooks = await gitea.hooks(project.repo ?? "");
    return judge(hooks, neededBy(config, project), receiver);
  } catch (error) {
    if (!(error instanceof TrackerError) || (error.status !== 403 && error.status !== 404)) {
      throw error;
    }
    return [
      warn(
        "the bot is no administrator of it, so nobody sees whether its webhook is in order",
        "look by hand: Settings → Webhooks; or make the bot an administrator",
      ),
    ];
  }
}

export function neededBy({ fleet }: Config, project: Project) {
  const steps = fleet.pipelines[project.pipeline]?.steps ?? [];
  return neededEvents(steps.map(({ gate }) => gate));
}

function judge(
  hooks: readonly StoredHook[],
  needed: readonly (readonly string[])[],
  receiver: string | null,
): readonly Finding[] {
  const ours = hooks.filter(({ url }) => isReceiver(url));
  const right = receiver === null ? ours : ours.filter(({ url }) => isSame(url, receiver));
  if (right.length === 0) return [missing(hooks, ours, receiver)];
  const active = right.filter((hook) => hook.active);
  if (active.length === 0) return [fail("its webhook is not active", MEND)];
  const listed = active.flatMap(({ events }) => events);
  const unsent = unsentEvents(needed, listed);
  const filtered = active.filter(({ branchFilter }) => !["", "*", "**"].includes(branchFilter));
  const troubles = [
    ...(unsent.length > 0 ? [fail(`its webhook doesn't send ${unsent.join(", ")}`, MEND)] : []),
    ...filtered.map((hook) =>
      fail(`its webhook hides pushes by the branch filter ${hook.branchFilter}`, MEND),
    ),
    ...(active.length > 1
      ? [
          warn(
            `${active.length} webhooks lead to a receiver: each event arrives as often, and counts once`,
            "remove those that are no other fleet's",
          ),
        ]
      : []),
  ];
  return troubles.length > 0 ? troubles : [ok(`its webhook is in order (${hostOf(active[0])})`)];
}

function missing(
  hooks: readonly StoredHook[],
  ours: readonly StoredHook[],
  receiver: string | null,
): Finding {
  if (receiver !== null && ours.length > 0) {
    return fail(`its webhook leads to ${ours.map(hostOf).join(", ")}, not to ${receiver}`, MEND);
  }
  const elsewhere = hooks.map(hostOf).filter((host) => host !== "");
  const says =
    elsewhere.length === 0
      ? "it has no webhook; unless its organisation or the server has one, every event is found late"
      : `its webhooks lead to ${elsewhere.join(", ")}, none to ${HOOK_PATH} there`;
  return fail(says, MEND);
}

function isSame(url: string, receiver: string): boolean {
  return url.replace(/\/$/, "") === receiver.replace(/\/$/, "");
}

/** Paths of strangers' hooks may be their secrets. */
function hostOf(hook: StoredHook | undefined): string {
  return hook !== undefined && URL.canParse(hook.url) ? new URL(hook.url).origin : "";
}
