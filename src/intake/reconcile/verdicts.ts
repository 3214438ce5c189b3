import type { DomainEvent } from "../../domain/events.js";
import { type Project, stepOf } from "../../domain/fleet.js";
import type { RecoveryKind } from "../../domain/recovery.js";
import type { HistoryEntry, WorkItem } from "../../domain/work-item.js";
import type { Forge } from "../../engine/tracker.js";
import { ciRuling } from "../../gates/ci-green.js";
import { reviewRuling } from "../../gates/review-approved.js";
import { head, type Ruling } from "../../gates/ruling.js";
import type { ReconcileDeps } from "./check.js";

type CodeEvent = Extract<
  DomainEvent,
  { readonly kind: "push" | "checked" | "pull-request" | "branch-deleted" }
>;
type Bare<E> = E extends unknown ? Omit<E, "project" | "tracker"> : never;
/** What happened, without where. */
export type CodeNews = Bare<CodeEvent>;

interface Place {
  readonly project: Project;
  readonly forge: Forge;
  readonly repo: string;
  /** The branch's head, as the forge and the item know it. */
  readonly commit: string;
}

export interface VerdictNews {
  readonly kind: RecoveryKind;
  readonly what: string;
  readonly event: CodeNews;
  readonly found: readonly string[];
}

/**
 * What the forge says now, where that isn't what the item's gate last heard: its gate looks again.
 * Null: nothing new, or a look is under way that will hear it.
 */
export async function verdictToHear(
  deps: ReconcileDeps,
  place: Place,
  item: WorkItem,
): Promise<VerdictNews | null> {
  const gate = stepOf(deps.fleet, item)?.gate;
  if (gate !== "ci-green" && gate !== "review-approved") return null;
  if (item.consumed.length === 0 || Object.keys(item.verdicts).length > 0) return null;
  const history = await deps.items.history(item.id);
  const last = history.findLast((entry) => entry.kind === "verdict" && entry.gate === gate);
  const { project, forge, repo, commit } = place;
  const ruling = await (gate === "ci-green"
    ? ciRuling({ project, forge, commit })
    : reviewRuling({ item, commit }, forge, repo));
  if (last === undefined || isSame(ruling, commit, last)) return null;
  const found = [ruling.reason, head(ruling.evidence ?? ""), last.at];
  return gate === "ci-green"
    ? { kind: "checks", what: ruling.reason, event: checked(ruling, commit), found }
    : { kind: "review", what: ruling.reason, event: reviewed(ruling, item), found };
}

function isSame({ passed, reason, evidence }: Ruling, commit: string, last: HistoryEntry): boolean {
  const said = passed === last.passed && reason === last.reason && commit === last.commit;
  return said && head(evidence ?? "") === last.evidence;
}

function checked({ passed, pending }: Ruling, commit: string): CodeNews {
  const state = passed ? "success" : pending ? "pending" : "failure";
  return { kind: "checked", commit, context: "", state };
}

function reviewed({ passed, pending }: Ruling, { pullRequest, branch }: WorkItem): CodeNews {
  const action = passed ? "approved" : pending ? "commented" : "rejected";
  return { kind: "pull-request", action, number: pullRequest?.number ?? 0, branch };
}
