import { APPROVER, BOT, REPO, type World } from "./world.js";

/** How many issues the demo carries. */
export const ISSUES = 3;

/**
 * People file three issues: two in Gitea, of which the second waits for the first, and one in Plane,
 * which its reviewer sends back once (see `demo/agents/items`).
 */
export function tellStory(world: World): void {
  const { gitea, plane } = world;
  const first = gitea.addIssue({
    repo: REPO,
    title: "Frame counter wraps",
    body: [
      "The telemetry frame counter wraps at 65535 and the dashboard then shows NaN.",
      "",
      "## Difficulty",
      "easy",
      "",
      "- **Total estimated: 18000 tokens**",
    ].join("\n"),
    author: APPROVER,
    assignees: [BOT],
  });
  gitea.addIssue({
    repo: REPO,
    title: "Draw the counter on the dashboard",
    body: `Once the counter is right, draw it.\n\n- Blocked by: #${first.number}\n- Total estimated: 24000 tokens`,
    author: APPROVER,
    assignees: [BOT],
  });
  plane.addIssue({
    project: world.planeProject,
    name: "Show a gap instead of NaN",
    descriptionHtml:
      "<p>Where a frame is missing, the chart shows <code>NaN</code>; show a gap.</p>",
    author: APPROVER,
  });
}

/** An approver who reads every request and agrees. */
export function approveEverything({ gitea, plane }: World): void {
  gitea.onComment((comment) => {
    if (comment.author !== BOT || !asksForApproval(comment.body)) return;
    gitea.humanComment(comment.repo, comment.issue, APPROVER, ":approved:");
  });
  plane.onComment((comment) => {
    if (comment.externalSource !== "stagecoach" || !asksForApproval(comment.html)) return;
    plane.humanComment(comment.issue, APPROVER, "<p>:approved:</p>");
  });
}

/** Resolves when the bot has told the people of every issue that it is done, and webhooks are sent. */
export async function everybodyTold({ gitea, plane }: World): Promise<void> {
  await new Promise<void>((resolve) => {
    const told = new Set<string>();
    const hear = (text: string) => {
      const item = /\b([A-Z]+-\d+) is done\./.exec(text)?.[1];
      if (item !== undefined) told.add(item);
      if (told.size === ISSUES) resolve();
    };
    gitea.onComment(({ author, body }) => {
      if (author === BOT) hear(body);
    });
    plane.onComment(({ externalSource, html }) => {
      if (externalSource !== null) hear(html);
    });
  });
  await Promise.all([gitea.settled(), plane.settled()]);
}

function asksForApproval(text: string): boolean {
  return text.includes(":approved:") && text.includes("is ready at commit");
}
