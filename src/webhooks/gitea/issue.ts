import { z } from "zod";
import { ISSUE_ACTIONS, type IssueAction } from "../../domain/events.js";
import type { Fleet } from "../../domain/fleet.js";
import { event, ignored, NO_TIME, type Reading, sameName, shaped, shortened } from "../reading.js";
import { inProject, repositorySchema, userSchema } from "./repository.js";

const issueSchema = z.object({
  number: z.int().optional(),
  title: z.string().nullish(),
  html_url: z.string().nullish(),
  state: z.string().nullish(),
  updated_at: z.string().nullish(),
  assignee: userSchema.nullish(),
  assignees: z.array(userSchema).nullish(),
  pull_request: z.looseObject({}).nullish(),
});

const bodySchema = z
  .object({
    action: z.string(),
    number: z.int().optional(),
    issue: issueSchema,
    repository: repositorySchema,
    // Comments and pull requests have an action and an issue too, but are no `issues` events.
    comment: z.never().optional(),
    pull_request: z.null().optional(),
  })
  .transform((body, context) => {
    const number = body.issue.number ?? body.number;
    if (number !== undefined) return { ...body, number };
    context.addIssue({ code: "custom", path: ["issue", "number"], message: "is missing" });
    return z.NEVER;
  });

/** `issues`: the bot's assignment, and what happens to an issue afterwards. */
export function readIssue(body: unknown, fleet: Fleet): Reading {
  return shaped(bodySchema, body, ({ action, number, issue, repository }) =>
    inProject(fleet, repository, (project) => {
      if (issue.pull_request) return ignored("the issue is a pull request");
      if (!isUsed(action)) return ignored(`issue action ${action.slice(0, 64)} is not used`);
      const assigned = isAssigned(issue, fleet.bot);
      if (!assigned && (action === "assigned" || action === "opened")) {
        return ignored(`${fleet.bot} is not among the assignees`);
      }
      return event({
        kind: "issue",
        project: project.name,
        tracker: "gitea",
        action,
        number,
        planeId: null,
        title: shortened(issue.title ?? ""),
        url: issue.html_url ?? null,
        assigned,
        open: issue.state !== "closed" && action !== "closed" && action !== "deleted",
        updatedAt: issue.updated_at ?? NO_TIME,
      });
    }),
  );
}

function isUsed(action: string): action is IssueAction {
  return (ISSUE_ACTIONS as readonly string[]).includes(action);
}

/** `assignee` is only the first of `assignees`; it counts where the list isn't sent. */
function isAssigned(issue: z.infer<typeof issueSchema>, bot: string): boolean {
  const assignees = issue.assignees ?? (issue.assignee ? [issue.assignee] : []);
  return assignees.some(({ login }) => sameName(login, bot));
}
