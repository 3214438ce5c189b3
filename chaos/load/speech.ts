import type { IssueAddress } from "../../src/domain/issue.js";
import { BOT } from "../world/projects.js";
import type { World } from "../world/world.js";
import type { Saying } from "./manners.js";

/** Somebody comments on an issue. */
export function say({ gitea }: World, issue: IssueAddress, { author, text }: Saying): void {
  if (issue.tracker === "gitea") gitea.humanComment(issue.repo, issue.number, author, text);
}

/** Does a comment ask for an approval of this commit? */
export function isRequested({ gitea }: World, issue: IssueAddress, commit: string): boolean {
  if (issue.tracker !== "gitea") return false;
  return gitea
    .comments(issue.repo, issue.number)
    .some(({ author, body }) => author === BOT && asksFor(body, commit));
}

/** As Markdown. */
export function asksFor(comment: string, commit: string): boolean {
  return comment.includes(`is ready at commit \`${commit}\``);
}
