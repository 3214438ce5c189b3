import { randomUUID } from "node:crypto";
import type {
  DeliveredPlaneComment,
  DeliveredWorkItem,
  PlaneStateShown,
  PlaneUser,
} from "./plane-deliveries.js";

export type DoubleWorkItem = DeliveredWorkItem;
export type DoublePlaneComment = DeliveredPlaneComment;

/** What the double keeps, all in memory. */
export interface PlaneState {
  readonly workspace: string;
  readonly projects: ReadonlySet<string>;
  /** The same in every project. */
  readonly states: readonly PlaneStateShown[];
  readonly users: Map<string, PlaneUser>;
  readonly items: Map<string, DoubleWorkItem>;
  readonly comments: DoublePlaneComment[];
  /** Ids of what blocks a work item. */
  readonly blockedBy: Map<string, string[]>;
  nextSequence(project: string): number;
  /** The person of this display name or e-mail, made on first mention. */
  person(name: string): PlaneUser;
  now(): string;
}

export const DEFAULT_STATES: readonly PlaneStateShown[] = (
  [
    ["Backlog", "backlog"],
    ["Todo", "unstarted"],
    ["In Progress", "started"],
    ["In Review", "started"],
    ["Needs Input", "started"],
    ["Blocked", "started"],
    ["Done", "completed"],
    ["Cancelled", "cancelled"],
  ] as const
).map(([name, group], index) => ({
  id: `b6694d72-52ec-45ca-ae1d-a177d67ec4${(10 + index).toString(16).padStart(2, "0")}`,
  name,
  group,
}));

export function createPlaneState(options: {
  readonly workspace: string;
  readonly projects: readonly string[];
  readonly states: readonly PlaneStateShown[];
  readonly clock: () => number;
}): PlaneState {
  const state: PlaneState = {
    workspace: options.workspace,
    projects: new Set(options.projects),
    states: options.states,
    users: new Map(),
    items: new Map(),
    comments: [],
    blockedBy: new Map(),
    nextSequence: (project) => {
      const used = [...state.items.values()].filter((item) => item.project === project);
      return Math.max(0, ...used.map(({ sequenceId }) => sequenceId)) + 1;
    },
    person: (name) => {
      const known = [...state.users.values()].find(
        (user) => user.displayName === name || user.email === name || user.id === name,
      );
      if (known !== undefined) return known;
      const displayName = name.split("@")[0] ?? name;
      const email = name.includes("@") ? name : `${name}@people.example`;
      const user = { id: randomUUID(), email, displayName };
      state.users.set(user.id, user);
      return user;
    },
    now: () => new Date(options.clock()).toISOString().replace("Z", "000Z"),
  };
  return state;
}
