import { randomUUID } from "node:crypto";
import type { Delivery } from "./delivery.js";

/** Bodies as Plane 1.3 sends them, with the fields receivers may look at. */

export interface PlaneUser {
  readonly id: string;
  readonly email: string;
  readonly displayName: string;
}

export interface PlaneStateShown {
  readonly id: string;
  readonly name: string;
  readonly group: "backlog" | "unstarted" | "started" | "completed" | "cancelled";
}

export interface DeliveredWorkItem {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly descriptionHtml: string;
  readonly state: PlaneStateShown;
  readonly assignees: readonly PlaneUser[];
  readonly sequenceId: number;
  readonly sortOrder: number;
  readonly author: PlaneUser;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface DeliveredPlaneComment {
  readonly id: string;
  readonly project: string;
  readonly issue: string;
  readonly html: string;
  readonly author: PlaneUser;
  readonly at: string;
  readonly externalSource: string | null;
  readonly externalId: string | null;
}

/** One changed field; from the UI `state_id assignee_ids …`, from the API `state assignees …`. */
export interface PlaneChange {
  readonly field: string | null;
  readonly from: string | null;
  readonly to: string | null;
}

const NO_CHANGE: PlaneChange = { field: null, from: null, to: null };

export function planeIssueCreated(actor: PlaneUser, item: DeliveredWorkItem): Delivery {
  return planeDelivery("issue", "created", actor, NO_CHANGE, workItemData(item));
}

/** One delivery for each changed field. */
export function planeIssueUpdated(
  actor: PlaneUser,
  item: DeliveredWorkItem,
  change: PlaneChange,
): Delivery {
  return planeDelivery("issue", "updated", actor, change, workItemData(item));
}

/** Ids only, and no plain text. */
export function planeComment(actor: PlaneUser, comment: DeliveredPlaneComment): Delivery {
  return planeDelivery("issue_comment", "created", actor, NO_CHANGE, {
    id: comment.id,
    created_at: comment.at,
    updated_at: comment.at,
    deleted_at: null,
    comment_html: comment.html,
    attachments: [],
    access: "INTERNAL",
    external_source: comment.externalSource,
    external_id: comment.externalId,
    edited_at: null,
    created_by: comment.author.id,
    updated_by: null,
    project: comment.project,
    workspace: WORKSPACE,
    issue: comment.issue,
    actor: comment.author.id,
    parent: null,
  });
}

/** Work items and comments show users like this. */
export function planeUserBody(user: PlaneUser) {
  return {
    id: user.id,
    first_name: user.displayName,
    last_name: "",
    email: user.email,
    avatar: "",
    avatar_url: null,
    display_name: user.displayName,
  };
}

/** The workspace's id, which only webhooks tell. */
const WORKSPACE = "cd41f7b0-a300-44c3-84da-2ee3b4bcbe26";
const HOOK = "23873e04-b71e-406a-b512-7deb5c1669d7";

function workItemData(item: DeliveredWorkItem) {
  return {
    id: item.id,
    labels: [],
    assignees: item.assignees.map(planeUserBody),
    state: { ...item.state, color: "#60646C" },
    created_at: item.createdAt,
    updated_at: item.updatedAt,
    deleted_at: null,
    name: item.name,
    description_html: item.descriptionHtml,
    description_stripped: item.descriptionHtml.replace(/<[^>]*>/g, ""),
    priority: "none",
    sequence_id: item.sequenceId,
    sort_order: item.sortOrder,
    completed_at: null,
    archived_at: null,
    is_draft: false,
    external_source: null,
    external_id: null,
    created_by: item.author.id,
    updated_by: null,
    project: item.project,
    workspace: WORKSPACE,
    parent: null,
  };
}

function planeDelivery(
  event: "issue" | "issue_comment",
  action: "created" | "updated",
  actor: PlaneUser,
  change: PlaneChange,
  data: unknown,
): Delivery {
  const body = {
    event,
    action,
    webhook_id: HOOK,
    workspace_id: WORKSPACE,
    data,
    activity: {
      field: change.field,
      new_value: change.to,
      old_value: change.from,
      actor: planeUserBody(actor),
      old_identifier: null,
      new_identifier: null,
    },
  };
  return {
    body: JSON.stringify(body),
    headers: {
      "User-Agent": "Autopilot",
      "Content-Type": "application/json",
      "X-Plane-Delivery": randomUUID(),
      "X-Plane-Event": event,
    },
  };
}
