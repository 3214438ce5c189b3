import {
  type DoubleAnswer,
  type DoubleRequest,
  field,
  type Route,
  textField,
} from "./http-double.js";
import { type PlaneUser, planeUserBody } from "./plane-deliveries.js";
import { newComment, type PlaneDesk } from "./plane-people.js";
import type { DoubleWorkItem, PlaneState } from "./plane-state.js";

const NOT_FOUND: DoubleAnswer = {
  status: 404,
  body: { error: "The requested resource does not exist." },
};

export interface PlaneParts {
  readonly state: PlaneState;
  readonly desk: PlaneDesk;
  readonly bot: PlaneUser;
  /** What this server calls its work items. */
  readonly collections: readonly string[];
  /** 1.3 answers relations with objects, others with ids. */
  readonly relationIds: boolean;
  readonly pageSize: number;
}

/** Plane's REST of states, work items, comments and relations. */
export function planeRoutes(parts: PlaneParts): Route[] {
  const { state } = parts;
  const project = `^/api/v1/workspaces/${state.workspace}/projects/([^/]+)/`;
  const items = `${project}(?:${parts.collections.join("|")})/`;
  const item = `${items}([^/]+)/`;
  const path = (rest: string) => new RegExp(`${rest}$`);
  const withItem =
    (handle: (item: DoubleWorkItem, request: DoubleRequest) => DoubleAnswer): Route[2] =>
    (request, projectId = "", id = "") => {
      const found = state.items.get(id);
      return found === undefined || found.project !== projectId
        ? NOT_FOUND
        : handle(found, request);
    };
  return [
    ["GET", path(`${project}states/`), (request, id = "") => listStates(parts, request, id)],
    ["GET", path(items), (request, id = "") => listItems(parts, request, id)],
    ["GET", path(`${project}members/`), (_request, id = "") => listMembers(parts, id)],
    [
      "GET",
      path(item),
      withItem((found, request) => ({ status: 200, body: itemBody(found, request) })),
    ],
    ["PATCH", path(item), withItem((found, request) => patchItem(parts, found, request))],
    [
      "GET",
      path(`${item}comments/`),
      withItem((found, request) => page(parts, request, commentsOf(state, found))),
    ],
    [
      "POST",
      path(`${item}comments/`),
      withItem((found, request) => postComment(parts, found, request.body)),
    ],
    ["GET", path(`${item}relations/`), withItem((found) => relations(parts, found))],
    [
      "POST",
      path(`${item}relations/`),
      withItem((found, request) => relate(parts, found, request.body)),
    ],
  ];
}

function listStates(parts: PlaneParts, request: DoubleRequest, project: string): DoubleAnswer {
  if (!parts.state.projects.has(project)) return NOT_FOUND;
  return page(
    parts,
    request,
    parts.state.states.map((state) => ({ ...state, color: "#60646C", project })),
  );
}

function listItems(parts: PlaneParts, request: DoubleRequest, project: string): DoubleAnswer {
  if (!parts.state.projects.has(project)) return NOT_FOUND;
  const items = [...parts.state.items.values()].filter((item) => item.project === project);
  return page(
    parts,
    request,
    items.map((item) => itemBody(item, request)),
  );
}

/** Not paged. */
function listMembers({ state }: PlaneParts, project: string): DoubleAnswer {
  if (!state.projects.has(project)) return NOT_FOUND;
  return { status: 200, body: [...state.users.values()].map(planeUserBody) };
}

/** Cursors are `size:page:offset`, as Plane's. */
function page(parts: PlaneParts, request: DoubleRequest, all: readonly unknown[]): DoubleAnswer {
  const index = Number((request.query.get("cursor") ?? "0:0:0").split(":")[1]);
  const size = parts.pageSize;
  const results = all.slice(index * size, (index + 1) * size);
  const more = (index + 1) * size < all.length;
  return {
    status: 200,
    body: {
      total_count: all.length,
      next_cursor: `${size}:${index + 1}:0`,
      prev_cursor: `${size}:${index - 1}:1`,
      next_page_results: more,
      prev_page_results: index > 0,
      count: results.length,
      results,
    },
  };
}

/** Ids, unless `expand` asks for more. */
function itemBody(item: DoubleWorkItem, request: DoubleRequest) {
  const expand = (request.query.get("expand") ?? "").split(",");
  return {
    id: item.id,
    name: item.name,
    description_html: item.descriptionHtml,
    sequence_id: item.sequenceId,
    sort_order: item.sortOrder,
    state: expand.includes("state") ? { ...item.state, color: "#60646C" } : item.state.id,
    assignees: expand.includes("assignees")
      ? item.assignees.map(planeUserBody)
      : item.assignees.map(({ id }) => id),
    project: item.project,
    parent: null,
    created_by: item.author.id,
    created_at: item.createdAt,
    updated_at: item.updatedAt,
    external_source: null,
    external_id: null,
  };
}

function patchItem(parts: PlaneParts, item: DoubleWorkItem, request: DoubleRequest): DoubleAnswer {
  const { state, desk, bot } = parts;
  const wanted = textField(request.body, "state");
  if (wanted === null) return { status: 200, body: itemBody(item, request) };
  const target = state.states.find(({ id }) => id === wanted);
  if (target === undefined) {
    const message = "State is not valid please pass a valid state_id";
    return { status: 400, body: { non_field_errors: [message] } };
  }
  const moved = { ...item, state: target, updatedAt: state.now() };
  if (target.id !== item.state.id) {
    desk.updated(bot, moved, { field: "state", from: item.state.id, to: target.id });
  }
  return { status: 200, body: itemBody(moved, request) };
}

function commentsOf(state: PlaneState, item: DoubleWorkItem) {
  return state.comments.filter(({ issue }) => issue === item.id).map(commentBody);
}

function commentBody(comment: PlaneState["comments"][number]) {
  return {
    id: comment.id,
    comment_html: comment.html,
    external_source: comment.externalSource,
    external_id: comment.externalId,
    actor: comment.author.id,
    issue: comment.issue,
    project: comment.project,
    created_at: comment.at,
  };
}

function postComment(parts: PlaneParts, item: DoubleWorkItem, body: unknown): DoubleAnswer {
  const { state, desk, bot } = parts;
  const html = textField(body, "comment_html");
  if (html === null) return { status: 400, body: { comment_html: ["This field is required."] } };
  const externalSource = textField(body, "external_source");
  const externalId = textField(body, "external_id");
  const twin = state.comments.find(
    (comment) =>
      externalId !== null &&
      comment.project === item.project &&
      comment.externalSource === externalSource &&
      comment.externalId === externalId,
  );
  if (twin !== undefined) {
    const error = "Work item comment with the same external id and external source already exists";
    return { status: 409, body: { error, id: twin.id } };
  }
  const comment = { ...newComment(state, item, bot, html), externalSource, externalId };
  desk.commented(comment);
  return { status: 201, body: commentBody(comment) };
}

function relations({ state, relationIds }: PlaneParts, item: DoubleWorkItem): DoubleAnswer {
  const shown = (ids: readonly string[]) =>
    relationIds ? ids : ids.flatMap((id) => relatedBody(state.items.get(id)));
  const blocking = [...state.blockedBy].flatMap(([id, by]) => (by.includes(item.id) ? [id] : []));
  return {
    status: 200,
    body: {
      blocking: shown(blocking),
      blocked_by: shown(state.blockedBy.get(item.id) ?? []),
      duplicate: [],
      relates_to: [],
    },
  };
}

function relatedBody(item: DoubleWorkItem | undefined) {
  if (item === undefined) return [];
  const { id, project, sequenceId, name } = item;
  return [{ id, project_id: project, sequence_id: sequenceId, name, relation_type: "blocked_by" }];
}

function relate(parts: PlaneParts, item: DoubleWorkItem, body: unknown): DoubleAnswer {
  const issues = field(body, "issues");
  if (textField(body, "relation_type") !== "blocked_by" || !Array.isArray(issues)) {
    return { status: 400, body: { error: "relation_type and issues are required" } };
  }
  const known = parts.state.blockedBy.get(item.id) ?? [];
  parts.state.blockedBy.set(item.id, [...new Set([...known, ...issues.map(String)])]);
  return { status: 201, body: [] };
}
