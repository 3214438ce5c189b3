import { type IssueAddress, issueKey } from "../../src/domain/issue.js";
import { effectMarker, withMarker } from "../../src/trackers/marker.js";
import type { SeenComment } from "../snapshot.js";
import type { World } from "./world.js";

/** On an issue or a pull request, oldest first, by their authors' short names. */
export function commentsOn(
  { gitea, plane }: Pick<World, "gitea" | "plane">,
  address: IssueAddress,
): readonly SeenComment[] {
  const issue = issueKey(address);
  if (address.tracker === "gitea") {
    return gitea.comments(address.repo, address.number).map(({ id, author, body }) => {
      return { id: String(id), issue, author, body };
    });
  }
  return plane.comments(address.id).map(({ id, author, html, externalId }) => {
    const text = markdownOf(html);
    const body = externalId === null ? text : withMarker(effectMarker(externalId), text);
    return { id, issue, author: author.displayName, body };
  });
}

/** The commit that a comment of ours asks to approve; null: it asks for none. */
export function requestedIn(body: string): string | null {
  return /is ready at commit `(\w+)`/.exec(body)?.[1] ?? null;
}

/** What we look for in comments, as it reads in Gitea; Plane has for a mark what it was posted under. */
function markdownOf(html: string): string {
  return html
    .replace(/<\/?strong>/g, "**")
    .replace(/<\/?code>/g, "`")
    .replace(/<\/p>/g, "\n")
    .replace(/<[^>]+>/g, "");
}
