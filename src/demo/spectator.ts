import { giteaIssueKey, issueKey, planeIssueKey } from "../domain/issue.js";
import type { WorkItem } from "../domain/work-item.js";
import type { Delivered } from "./delivery.js";
import type { Tell } from "./happening.js";
import type { Narrator } from "./narrator.js";
import { BOT, type World } from "./world.js";

/** Tells what people see in the trackers, and which webhooks these send. */
export function watchTrackers(world: World, narrator: Narrator, tell: Tell): void {
  watchGitea(world, narrator, tell);
  watchPlane(world, narrator, tell);
}

function watchGitea({ gitea }: World, narrator: Narrator, tell: Tell): void {
  const seen = new Set<number>();
  gitea.onComment(({ id, repo, issue, author, body }) => {
    const edited = seen.has(id);
    seen.add(id);
    if (edited) return;
    const about = narrator.whereabouts(ofIssue(giteaIssueKey(repo, issue)));
    const status = body.includes("stagecoach:status:");
    const text = status
      ? `keeps a status comment on #${issue}`
      : `${author} on #${issue}: ${plain(body)}`;
    // What the bot asks and reports the item's own lines say.
    tell({ ...about, event: "comment", text, minor: author === BOT && !status, facts: { author } });
  });
  gitea.onPullRequest(({ number, title, head, open }) => {
    if (!open) return;
    const about = narrator.whereabouts((item) => item.branch === head);
    const text = `pull request #${number} opened: ${title}`;
    tell({ ...about, event: "pull-request", text, facts: { number, branch: head } });
  });
  const report = webhooksOf("Gitea", gitea, narrator, tell);
  for (const listen of [gitea.onComment, gitea.onPullRequest, gitea.onState]) listen(report);
}

function watchPlane({ plane }: World, narrator: Narrator, tell: Tell): void {
  plane.onComment(({ project, issue, html, author, externalSource }) => {
    const about = narrator.whereabouts(ofIssue(planeIssueKey(project, issue)));
    const text = `${author.displayName} in Plane: ${plain(html)}`;
    const minor = externalSource !== null;
    tell({ ...about, event: "comment", text, minor, facts: { author: author.displayName } });
  });
  const report = webhooksOf("Plane", plane, narrator, tell);
  for (const listen of [plane.onComment, plane.onState]) listen(report);
}

function ofIssue(key: string): (item: WorkItem) => boolean {
  return (item) => issueKey(item.issue) === key;
}

interface Sender {
  readonly delivered: readonly Delivered[];
  settled(): Promise<void>;
}

/** Call it at whatever sends webhooks: it tells those whose answer has come since. */
function webhooksOf(name: string, sender: Sender, narrator: Narrator, tell: Tell): () => void {
  let told = 0;
  const report = () => {
    for (const delivered of sender.delivered.slice(told)) {
      told++;
      tellWebhook(name, delivered, narrator, tell);
    }
  };
  // Listeners hear of a change before its webhook is on its way.
  return () => queueMicrotask(() => void sender.settled().then(report));
}

function tellWebhook(name: string, sent: Delivered, narrator: Narrator, tell: Tell): void {
  const { status = "", action, issue_number: issue, reason } = answerOf(sent);
  const about = narrator.whereabouts(
    (item) => item.issue.tracker === "gitea" && item.issue.number === issue,
  );
  const subject = action === undefined ? sent.event : `#${issue} ${action}`;
  const because = reason === undefined ? "" : ` (${reason})`;
  tell({
    ...about,
    event: "webhook",
    text: `webhook from ${name}, ${subject}: ${sent.status ?? "no answer"} ${status}${because}`,
    // The others follow from these, show themselves as comments, or report what the fleet did.
    minor: sent.status === 200 && !(isTaken(status) && startsWork(action ?? sent.event)),
    facts: { tracker: name.toLowerCase(), name: sent.event, http: sent.status, answer: status },
  });
}

function isTaken(status: string): boolean {
  return status === "success" || status === "accepted";
}

/** Gitea's assignment, and whatever becomes of an issue in Plane. */
function startsWork(subject: string): boolean {
  return subject === "assigned" || subject === "issue";
}

interface Answer {
  readonly status?: string;
  readonly action?: string;
  readonly issue_number?: number;
  readonly reason?: string;
}

/** The receiver's JSON; of a refusal the status says enough. */
function answerOf({ status, answer }: Delivered): Answer {
  return status === 200 ? (JSON.parse(answer) as Answer) : {};
}

/** A comment's words without markers and markup. */
function plain(text: string): string {
  return text
    .replace(/<!--.*?-->/gs, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/[*`>#]/g, "")
    .trim();
}
