import {
  type ListedComment,
  type ListedIssue,
  type Tracker,
  TrackerError,
  type TrackerIssue,
  type TrackerPlace,
} from "../engine/tracker.js";
import { textOfHtml } from "../webhooks/plane/html-text.js";
import { expectShape } from "./http-answer.js";
import type { HttpClient } from "./http-client.js";
import {
  type PlaneAddress,
  type PlaneItems,
  type PlaneProjectAddress,
  projectPath,
} from "./plane-items.js";
import {
  type PlaneComment,
  type PlaneIssue,
  type PlaneMember,
  type PlanePage,
  planeCommentPage,
  planeIssuePage,
  planeMemberPage,
} from "./plane-shapes.js";

export type ReadPlaneIssue = (issue: PlaneIssue, address: PlaneAddress) => Promise<TrackerIssue>;

interface Parts {
  readonly http: HttpClient;
  readonly items: PlaneItems;
  readonly issueOf: ReadPlaneIssue;
  readonly bot: string;
  /** The external source of what is ours. */
  readonly ownSource: string;
}

/** No list of ours is longer; a cursor that runs in circles would otherwise be followed for ever. */
const MOST_PAGES = 1_000;

/** What is in a whole project: its open work items, and the comments on some of them. */
export function createPlaneLists(parts: Parts): Pick<Tracker, "openIssues" | "commentsSince"> {
  return {
    openIssues: (place) => openIssues(parts, planeProject(place)),
    commentsSince: (place, since, issues) =>
      commentsSince(
        parts,
        planeProject(place),
        since,
        issues.flatMap((issue) => (issue.tracker === "plane" ? [issue] : [])),
      ),
  };
}

function planeProject(place: TrackerPlace): PlaneProjectAddress {
  if (place.tracker === "plane") return place;
  throw new TrackerError("tracker-refused", "a repository of Gitea was looked for in Plane", {
    retryable: false,
  });
}

async function* openIssues(
  { items, issueOf }: Parts,
  project: PlaneProjectAddress,
): AsyncGenerator<readonly ListedIssue[]> {
  const pages = eachPage(async (cursor) => {
    const { body } = await items.list(project, `?expand=state,assignees&${cursor}`);
    return expectShape(planeIssuePage, body, "Plane's list of work items");
  });
  for await (const page of pages) {
    const read = page.map(async (issue) => {
      const address = { tracker: "plane", ...project, id: issue.id } as const;
      return { ...(await issueOf(issue, address)), createdAt: issue.created_at };
    });
    yield (await Promise.all(read)).filter(({ open }) => open);
  }
}

async function* commentsSince(
  parts: Parts,
  project: PlaneProjectAddress,
  since: string,
  issues: readonly PlaneAddress[],
): AsyncGenerator<readonly ListedComment[]> {
  if (issues.length === 0) return;
  const members = await membersOf(parts.http, project);
  for (const address of issues) {
    const pages = eachPage(async (cursor) => {
      const query = cursor === "" ? "" : `?${cursor}`;
      const answer = await parts.items.find(address, { below: "comments/", query });
      if (answer === null) return { results: [] };
      return expectShape(planeCommentPage, answer.body, "Plane's comments");
    });
    for await (const page of pages) {
      const fresh = page.filter((comment) => Date.parse(changedAt(comment)) >= Date.parse(since));
      yield fresh.map((comment) => listed(parts, comment, address, members));
    }
  }
}

function changedAt({ created_at, edited_at, updated_at }: PlaneComment): string {
  return edited_at ?? updated_at ?? created_at;
}

/** By id. A comment names its author by id only, and approvers may be configured by e-mail. */
type Members = ReadonlyMap<string, PlaneMember>;

async function membersOf(http: HttpClient, project: PlaneProjectAddress): Promise<Members> {
  const { body } = await http({ method: "GET", path: `${projectPath(project)}members/` });
  const { results } = expectShape(planeMemberPage, body, "Plane's members");
  return new Map(results.map((one) => [one.id, one]));
}

function listed(
  { bot, ownSource }: Parts,
  comment: PlaneComment,
  on: PlaneAddress,
  members: Members,
): ListedComment {
  const id = typeof comment.actor === "string" ? comment.actor : comment.actor?.id;
  const member = id === undefined ? undefined : members.get(id);
  const names = [member?.email, id].filter((name) => typeof name === "string" && name !== "");
  const isBot = [...names, member?.display_name].some(
    (name) => name?.toLowerCase() === bot.toLowerCase(),
  );
  return {
    id: comment.id,
    on,
    onPullRequest: false,
    author: names.filter((name) => name !== undefined && name !== null),
    own: isBot || comment.external_source === ownSource,
    text: textOfHtml(comment.comment_html ?? ""),
    createdAt: comment.created_at,
    updatedAt: changedAt(comment),
    edited: Boolean(comment.edited_at),
  };
}

/** Page by page as they come. @throws TrackerError when the list doesn't end. */
async function* eachPage<T>(
  read: (cursor: string) => Promise<PlanePage<T>>,
): AsyncGenerator<readonly T[]> {
  let cursor = "";
  for (let page = 0; page < MOST_PAGES; page++) {
    const { results, next_cursor, next_page_results } = await read(cursor);
    if (results.length > 0) yield results;
    if (next_page_results !== true || !next_cursor) return;
    cursor = `cursor=${encodeURIComponent(next_cursor)}`;
  }
  throw new TrackerError("tracker-unexpected", "Plane's list has no end", { retryable: false });
}
