import { randomUUID } from "node:crypto";
import type { Outbox } from "./delivery.js";
import { listeners } from "./listeners.js";
import {
  type PlaneChange,
  type PlaneUser,
  planeComment,
  planeIssueCreated,
  planeIssueUpdated,
} from "./plane-deliveries.js";
import type { DoublePlaneComment, DoubleWorkItem, PlaneState } from "./plane-state.js";

/** What people do in Plane's UI; each sends the webhooks Plane would. Names are display names or e-mails. */
export interface PlanePeople {
  addIssue(item: {
    readonly project: string;
    readonly name: string;
    /** UUID. */
    readonly id?: string;
    readonly descriptionHtml?: string;
    readonly state?: string;
    readonly author?: string;
    readonly assignees?: readonly string[];
  }): DoubleWorkItem;
  assign(id: string, names: readonly string[], by?: string): void;
  /** A drag on the board: two deliveries, `state_id` and `sort_order`. */
  moveTo(id: string, state: string, by?: string): void;
  edit(
    id: string,
    change: { readonly name?: string; readonly descriptionHtml?: string },
    by?: string,
  ): void;
  humanComment(id: string, author: string, html: string): DoublePlaneComment;
  setBlockers(id: string, blockers: readonly string[]): void;
  /** Sends nothing: only projects send deletions. */
  remove(id: string): void;
  onComment(listener: (comment: DoublePlaneComment) => void): () => void;
  /** Work items created or changed by anyone. */
  onState(listener: (item: DoubleWorkItem) => void): () => void;
}

/** Where every change passes, whoever makes it. */
export interface PlaneDesk {
  created(actor: PlaneUser, item: DoubleWorkItem): void;
  updated(actor: PlaneUser, item: DoubleWorkItem, change: PlaneChange): void;
  commented(comment: DoublePlaneComment): void;
  readonly onComment: PlanePeople["onComment"];
  readonly onState: PlanePeople["onState"];
}

export function createPlaneDesk(state: PlaneState, outbox: Outbox): PlaneDesk {
  const comments = listeners<DoublePlaneComment>();
  const items = listeners<DoubleWorkItem>();
  return {
    created: (actor, item) => {
      state.items.set(item.id, item);
      items.tell(item);
      outbox.push(planeIssueCreated(actor, item));
    },
    updated: (actor, item, change) => {
      state.items.set(item.id, item);
      items.tell(item);
      outbox.push(planeIssueUpdated(actor, item, change));
    },
    commented: (comment) => {
      state.comments.push(comment);
      comments.tell(comment);
      outbox.push(planeComment(comment.author, comment));
    },
    onComment: comments.add,
    onState: items.add,
  };
}

const PERSON = "alice";

export function createPlanePeople(state: PlaneState, desk: PlaneDesk): PlanePeople {
  const change = (id: string, update: Partial<DoubleWorkItem>): DoubleWorkItem => ({
    ...itemAt(state, id),
    ...update,
    updatedAt: state.now(),
  });
  return {
    addIssue: (wanted) => {
      const at = state.now();
      const author = state.person(wanted.author ?? PERSON);
      const item: DoubleWorkItem = {
        id: wanted.id ?? randomUUID(),
        project: wanted.project,
        name: wanted.name,
        descriptionHtml: wanted.descriptionHtml ?? "<p></p>",
        state: stateNamed(state, wanted.state ?? "Todo"),
        assignees: (wanted.assignees ?? []).map(state.person),
        sequenceId: state.nextSequence(wanted.project),
        sortOrder: 65_535,
        author,
        createdAt: at,
        updatedAt: at,
      };
      desk.created(author, item);
      return item;
    },
    assign: (id, names, by = PERSON) => {
      const assignees = names.map(state.person);
      const to = assignees.map((user) => user.id).join(",");
      const update = { field: "assignee_ids", from: null, to };
      desk.updated(state.person(by), change(id, { assignees }), update);
    },
    moveTo: (id, name, by = PERSON) => {
      const from = itemAt(state, id).state;
      const to = stateNamed(state, name);
      const actor = state.person(by);
      const moved = change(id, { state: to, sortOrder: itemAt(state, id).sortOrder - 1_000 });
      desk.updated(actor, moved, { field: "state_id", from: from.id, to: to.id });
      const sorted = { field: "sort_order", from: null, to: String(moved.sortOrder) };
      desk.updated(actor, moved, sorted);
    },
    edit: (id, update, by = PERSON) => {
      const edited = change(id, update);
      const actor = state.person(by);
      const from = null;
      if (update.name !== undefined) {
        desk.updated(actor, edited, { field: "name", from, to: update.name });
      }
      if (update.descriptionHtml !== undefined) {
        desk.updated(actor, edited, { field: "description", from, to: update.descriptionHtml });
      }
    },
    humanComment: (id, author, html) => {
      const comment = newComment(state, itemAt(state, id), state.person(author), html);
      desk.commented(comment);
      return comment;
    },
    setBlockers: (id, blockers) => {
      state.blockedBy.set(id, [...blockers]);
    },
    remove: (id) => {
      state.items.delete(id);
    },
    onComment: desk.onComment,
    onState: desk.onState,
  };
}

export function newComment(
  state: PlaneState,
  item: DoubleWorkItem,
  author: PlaneUser,
  html: string,
): DoublePlaneComment {
  return {
    id: randomUUID(),
    project: item.project,
    issue: item.id,
    html,
    author,
    at: state.now(),
    externalSource: null,
    externalId: null,
  };
}

function itemAt(state: PlaneState, id: string): DoubleWorkItem {
  const item = state.items.get(id);
  if (item === undefined) throw new Error(`the double has no work item ${id}`);
  return item;
}

function stateNamed(state: PlaneState, name: string) {
  const found = state.states.find((one) => one.name === name);
  if (found === undefined) throw new Error(`the double has no state ${name}`);
  return found;
}
