import type { IssueAddress } from "../domain/issue.js";
import { TrackerError, type TrackerPlace } from "../engine/tracker.js";
import { segment } from "./http-client.js";

export type GiteaAddress = Extract<IssueAddress, { tracker: "gitea" }>;

/** `/repos/{owner}/{name}`, both encoded. @throws TrackerError when it isn't `owner/name`. */
export function repoPath(repo: string): string {
  const [owner, name, ...rest] = repo.split("/");
  if (!owner || !name || rest.length > 0) {
    throw new TrackerError("tracker-refused", `"${repo}" is no repository's full name`, {
      retryable: false,
    });
  }
  return `/repos/${segment(owner)}/${segment(name)}`;
}

export function issuePath(address: GiteaAddress): string {
  return `${repoPath(address.repo)}/issues/${segment(address.number)}`;
}

/** @throws TrackerError for an issue of another tracker: the wiring mixed them up. */
export function giteaAddress(address: IssueAddress): GiteaAddress {
  if (address.tracker === "gitea") return address;
  throw new TrackerError("tracker-refused", "an issue of Plane was looked for in Gitea", {
    retryable: false,
  });
}

/** @throws TrackerError for a place of another tracker. */
export function giteaRepo(place: TrackerPlace): string {
  if (place.tracker === "gitea") return place.repo;
  throw new TrackerError("tracker-refused", "a project of Plane was looked for in Gitea", {
    retryable: false,
  });
}

export function isStatus(error: unknown, status: number): boolean {
  return error instanceof TrackerError && error.status === status;
}

/** What a call answers; null where Gitea has no such thing. */
export async function orNull404<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (isStatus(error, 404)) return null;
    throw error;
  }
}
