import type { IssueAddress } from "../../src/domain/issue.js";
import { commentsOn, requestedIn } from "../world/comments.js";
import { BOT } from "../world/projects.js";
import type { World } from "../world/world.js";
import type { Saying } from "./manners.js";

/** Somebody comments on an issue. */
export function say({ gitea, plane }: World, issue: IssueAddress, { author, text }: Saying): void {
  if (issue.tracker === "gitea") gitea.humanComment(issue.repo, issue.number, author, text);
  else plane.humanComment(issue.id, author, htmlOf(text));
}

/** Paragraphs and quotes, as Plane's editor makes them. */
export function htmlOf(text: string): string {
  return text
    .split(/\n+/)
    .map((line) =>
      line.startsWith("> ") ? `<blockquote>${line.slice(2)}</blockquote>` : `<p>${line}</p>`,
    )
    .join("");
}

/** Does a comment ask for an approval of this commit? */
export function isRequested(world: World, issue: IssueAddress, commit: string): boolean {
  return commentsOn(world, issue).some(({ author, body }) => {
    return author === BOT && requestedIn(body) === commit;
  });
}
