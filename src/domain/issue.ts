export type TrackerName = "gitea" | "plane";

/**
 * One issue anywhere, as a string that is a key: `gitea:acme/rocket#161` or `plane:<project>/<uuid>`.
 * Edges, the issue index and the graph use it.
 */
export type IssueKey = string;

export function giteaIssueKey(repo: string, number: number): IssueKey {
  return `gitea:${repo.toLowerCase()}#${number}`;
}

export function planeIssueKey(project: string, id: string): IssueKey {
  return `plane:${project}/${id}`;
}

/** Where an issue lives and what a tracker needs to speak of it. */
export type IssueAddress =
  | { readonly tracker: "gitea"; readonly repo: string; readonly number: number }
  | {
      readonly tracker: "plane";
      readonly workspace: string;
      readonly project: string;
      readonly id: string;
    };

export function issueKey(address: IssueAddress): IssueKey {
  return address.tracker === "gitea"
    ? giteaIssueKey(address.repo, address.number)
    : planeIssueKey(address.project, address.id);
}
