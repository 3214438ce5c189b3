import { setTimeout as pause } from "node:timers/promises";
import { type MergeOutcome, TrackerError } from "../engine/tracker.js";
import { repoPath } from "./gitea-paths.js";
import { readPull } from "./gitea-pulls.js";
import type { GiteaPullRequest } from "./gitea-shapes.js";
import { type HttpClient, segment } from "./http-client.js";

export interface MergeRequest {
  readonly repo: string;
  readonly number: number;
  /** Merged only while this is its head. */
  readonly head: string;
  readonly checkPauseMs: number;
}

/** Answers that are a "no" to this merge; 401 and the rest are faults. */
const REFUSALS: readonly (number | null)[] = [403, 404, 405, 409, 412, 422, 423];
const LOOKS = 5;
/** More than one: a push of ours, or a merge of another into the same base, may just be under way. */
const ATTEMPTS = 3;

/**
 * Merges with a merge commit. Gitea says 405 alike of a pull request that is merged, in conflict,
 * not ready, or not yet checked for conflicts, so the pull request itself is asked which it is. The
 * check runs in the background after every push, and where it was put off until somebody looks.
 */
export async function mergePullRequest(
  http: HttpClient,
  request: MergeRequest,
): Promise<MergeOutcome> {
  for (let attempt = 1; ; attempt++) {
    const refused = await attemptMerge(http, request);
    if (refused === null) return { kind: "merged" };
    const pull = await pullOnceChecked(http, request, refused);
    const settled = settledBy(pull, request);
    if (settled !== null) return settled;
    const worthAnother = refused.status === 405 || refused.status === 409;
    if (attempt === ATTEMPTS || !worthAnother || pull?.mergeable === false) {
      return no(request, whyNot(refused, pull));
    }
    await pause(request.checkPauseMs);
  }
}

/** Null: merged. */
async function attemptMerge(
  http: HttpClient,
  { repo, number, head }: MergeRequest,
): Promise<TrackerError | null> {
  const path = `${repoPath(repo)}/pulls/${segment(number)}/merge`;
  try {
    await http({ method: "POST", path, body: { Do: "merge", head_commit_id: head } });
    return null;
  } catch (error) {
    if (error instanceof TrackerError && REFUSALS.includes(error.status)) return error;
    throw error;
  }
}

/** Looking also starts a check that was put off. A conflict looks the same, so patience has an end. */
async function pullOnceChecked(
  http: HttpClient,
  { repo, number, checkPauseMs }: MergeRequest,
  refused: TrackerError,
): Promise<GiteaPullRequest | null> {
  for (let look = 1; ; look++) {
    const pull = await readPull(http, repo, number);
    const unchecked = pull?.state === "open" && pull.mergeable === false;
    if (!unchecked || refused.status !== 405 || look === LOOKS) return pull;
    await pause(checkPauseMs);
  }
}

/** What the pull request itself says; null: nothing that decides it. */
function settledBy(pull: GiteaPullRequest | null, request: MergeRequest): MergeOutcome | null {
  if (pull === null) return no(request, "there is no such pull request");
  if (pull.merged === true) return { kind: "merged" };
  if (pull.state !== "open") return no(request, "it was closed");
  if (pull.head.sha === request.head) return null;
  const [is, was] = [pull.head.sha, request.head].map((sha) => sha.slice(0, 8));
  return no(request, `its head is ${is} and not ${was}`);
}

/** Of a conflict Gitea tells 409 without words, or 405 and to try again later. */
function whyNot({ status, detail, message }: TrackerError, pull: GiteaPullRequest | null): string {
  if (status === 405 && pull?.mergeable === false) {
    const said = detail === null ? "" : ` (Gitea: ${detail})`;
    return `it conflicts with its base branch, or is marked as work in progress${said}`;
  }
  return detail ?? (status === 409 ? "it conflicts with its base branch" : message);
}

function no({ number }: MergeRequest, why: string): MergeOutcome {
  return { kind: "refused", reason: `Pull request #${number} can't be merged: ${why}` };
}
