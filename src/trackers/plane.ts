import type { PlaneProject } from "../domain/fleet.js";
import { type IssueAddress, planeIssueKey } from "../domain/issue.js";
import type { IssueReference } from "../domain/metadata.js";
import { type Tracker, TrackerError, type TrackerIssue } from "../engine/tracker.js";
import { textOfHtml } from "../webhooks/plane/html-text.js";
import { fittingComment } from "./comment-length.js";
import { expectShape } from "./http-answer.js";
import { createHttpClient } from "./http-client.js";
import { htmlFromMarkdown } from "./markdown-html.js";
import { createPlaneItems, type PlaneAddress, type PlaneItems } from "./plane-items.js";
import { createPlaneLists, type ReadPlaneIssue } from "./plane-lists.js";
import {
  type PlaneIssue,
  type PlaneMember,
  planeIssueShape,
  planeRelationsShape,
} from "./plane-shapes.js";
import { createPlaneStates, type PlaneStates } from "./plane-states.js";

/** Marks what is ours, so that its webhook never triggers us and a repeat is refused. */
export const EXTERNAL_SOURCE = "stagecoach";

export interface PlaneOptions {
  /** Root of the server, as `PLANE_URL`. */
  readonly url: string;
  readonly apiKey: string;
  /** Display name, e-mail or user id of the account that is assigned. */
  readonly bot: string;
  /** Their state names are used when an issue moves on its board. */
  readonly projects: readonly PlaneProject[];
  readonly fetch?: typeof globalThis.fetch;
  /** Upper bound of each call in ms; default 10 s. */
  readonly timeoutMs?: number;
}

/** Plane as a tracker, over its REST; older servers included. */
export function createPlane(options: PlaneOptions): Tracker {
  const url = options.url.replace(/\/+$/, "");
  const http = createHttpClient({
    name: "Plane",
    base: `${url}/api/v1`,
    credential: { header: "x-api-key", value: options.apiKey, secret: options.apiKey },
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  const items = createPlaneItems(http);
  const states = createPlaneStates(http, options.projects);
  const issueOf = issueReader(states, { url, bot: options.bot });
  return {
    name: "plane",
    readIssue: async (address) => readIssue(items, issueOf, planeAddress(address)),
    comment: async (address, effect, markdown) =>
      comment(items, planeAddress(address), effect, markdown),
    putStatusComment: async () => {},
    setState: async (address, state) => {
      const at = planeAddress(address);
      await items.call(at, { method: "PATCH", body: { state: await states.idOf(at, state) } });
    },
    blockers: async (address) => blockers(items, planeAddress(address)),
    // Its REST has no reactions, and the state Done is what closes a work item.
    react: async () => false,
    closeIssue: async () => {},
    ...createPlaneLists({ http, items, issueOf, bot: options.bot, ownSource: EXTERNAL_SOURCE }),
  };
}

function planeAddress(address: IssueAddress): PlaneAddress {
  if (address.tracker === "plane") return address;
  throw new TrackerError("tracker-refused", "an issue of Gitea was looked for in Plane", {
    retryable: false,
  });
}

/** Says of a work item as Plane sends it how it is. */
function issueReader(
  states: PlaneStates,
  { url, bot }: { url: string; bot: string },
): ReadPlaneIssue {
  return async (issue, address) => ({
    address,
    order: issue.sequence_id,
    title: issue.name,
    text: textOfHtml(issue.description_html ?? ""),
    url: `${url}/${encodeURIComponent(address.workspace)}/projects/${encodeURIComponent(address.project)}/issues/${encodeURIComponent(address.id)}`,
    open: await isOpen(states, address, issue.state),
    assigned: (issue.assignees ?? []).some((assignee) => isBot(assignee, bot)),
    updatedAt: issue.updated_at,
  });
}

async function readIssue(
  items: PlaneItems,
  issueOf: ReadPlaneIssue,
  address: PlaneAddress,
): Promise<TrackerIssue | null> {
  const answer = await items.find(address, { query: "?expand=state,assignees" });
  if (answer === null) return null;
  return issueOf(expectShape(planeIssueShape, answer.body, "Plane's work item"), address);
}

/** Servers that don't expand the state give its id. */
async function isOpen(
  states: PlaneStates,
  address: PlaneAddress,
  state: PlaneIssue["state"],
): Promise<boolean> {
  if (state === null || state === undefined) return true;
  const group = typeof state === "string" ? await states.groupOf(address, state) : state.group;
  return group !== "completed" && group !== "cancelled";
}

/** Servers that don't expand assignees give ids, and then only a configured id is recognised. */
function isBot(assignee: string | PlaneMember, bot: string): boolean {
  const names =
    typeof assignee === "string"
      ? [assignee]
      : [assignee.id, assignee.email, assignee.display_name];
  return names.some((name) => name?.toLowerCase() === bot.toLowerCase());
}

/** Plane refuses a second comment of the same external id, which is what makes this happen once. */
async function comment(
  items: PlaneItems,
  address: PlaneAddress,
  effect: string,
  markdown: string,
): Promise<void> {
  const body = {
    comment_html: htmlFromMarkdown(fittingComment(markdown)),
    external_source: EXTERNAL_SOURCE,
    external_id: effect,
  };
  try {
    await items.call(address, { method: "POST", below: "comments/", body });
  } catch (error) {
    if (!(error instanceof TrackerError && error.status === 409)) throw error;
  }
}

/** Plane's references are issue keys, since ids and not numbers name its work items. */
async function blockers(items: PlaneItems, address: PlaneAddress): Promise<IssueReference[]> {
  const answer = await items.find(address, { below: "relations/" });
  if (answer === null) return [];
  const { blocked_by } = expectShape(planeRelationsShape, answer.body, "Plane's relations");
  return (blocked_by ?? []).map((blocker) =>
    typeof blocker === "string"
      ? planeIssueKey(address.project, blocker)
      : planeIssueKey(blocker.project_id ?? address.project, blocker.id),
  );
}
