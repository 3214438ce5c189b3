import { createOutbox, type Delivered, type Hook, signedByPlane } from "./delivery.js";
import {
  type DoubleAnswer,
  type DoubleRequest,
  type DoubleServer,
  routed,
  startDouble,
} from "./http-double.js";
import type { PlaneStateShown, PlaneUser } from "./plane-deliveries.js";
import { createPlaneDesk, createPlanePeople, type PlanePeople } from "./plane-people.js";
import { planeRoutes } from "./plane-routes.js";
import {
  createPlaneState,
  DEFAULT_STATES,
  type DoublePlaneComment,
  type DoubleWorkItem,
} from "./plane-state.js";

export interface PlaneDoubleOptions {
  readonly apiKey: string;
  /** Display name of the key's account. */
  readonly bot: string;
  /** Slug. */
  readonly workspace: string;
  /** UUIDs. */
  readonly projects: readonly string[];
  readonly states?: readonly PlaneStateShown[];
  /** Where webhooks go; also by `setHook`, when the receiver's port is known later. */
  readonly hook?: Hook;
  /** `old`: knows `issues/` and not `work-items/`, and answers relations with plain ids. */
  readonly age?: "current" | "old";
  /** Entries of a page; default 100. */
  readonly pageSize?: number;
  readonly now?: () => number;
}

/** A Plane in memory: its REST over real HTTP, and its people by the handle's methods. */
export interface PlaneDouble extends PlanePeople, DoubleServer {
  readonly bot: PlaneUser;
  readonly issues: readonly DoubleWorkItem[];
  /** Oldest first. */
  comments(id: string): readonly DoublePlaneComment[];
  /** Name of the state a work item is in; null: there is no such item. */
  stateOf(id: string): string | null;
  /** Every webhook sent so far, with its answer. */
  readonly delivered: readonly Delivered[];
  /** Webhooks of everything that happened so far were sent. */
  settled(): Promise<void>;
  setHook(hook: Hook | null): void;
  /** Webhooks wait until the function it returns is called, and are sent then. */
  holdDeliveries(): () => void;
  /** Until it is called with null, every request is answered 429 with this `X-RateLimit-Reset` (epoch seconds). */
  rateLimit(resetAtSeconds: number | null): void;
}

export async function startPlaneDouble(options: PlaneDoubleOptions): Promise<PlaneDouble> {
  const state = createPlaneState({
    workspace: options.workspace,
    projects: options.projects,
    states: options.states ?? DEFAULT_STATES,
    clock: options.now ?? Date.now,
  });
  const outbox = createOutbox(signedByPlane);
  outbox.hook = options.hook ?? null;
  const desk = createPlaneDesk(state, outbox);
  const bot = state.person(options.bot);
  const old = options.age === "old";
  const routes = planeRoutes({
    state,
    desk,
    bot,
    collections: old ? ["issues"] : ["work-items", "issues"],
    relationIds: old,
    pageSize: options.pageSize ?? 100,
  });
  let resetAt: number | null = null;
  const server = await startDouble(
    async (request) =>
      refusal(request, options.apiKey, resetAt) ?? (await routed(routes, request)) ?? NO_PAGE,
  );
  return {
    ...server,
    ...createPlanePeople(state, desk),
    bot,
    get issues() {
      return [...state.items.values()];
    },
    comments: (id) => state.comments.filter(({ issue }) => issue === id),
    stateOf: (id) => state.items.get(id)?.state.name ?? null,
    delivered: outbox.delivered,
    settled: () => outbox.settled(),
    setHook: (hook) => {
      outbox.hook = hook;
    },
    holdDeliveries: () => outbox.hold(),
    rateLimit: (seconds) => {
      resetAt = seconds;
    },
  };
}

const NO_PAGE: DoubleAnswer = { status: 404, body: { error: "Page not found." } };

/** Django redirects a GET to the path with its slash before it asks who is there. */
function refusal(
  { method, path, query, headers }: DoubleRequest,
  apiKey: string,
  resetAt: number | null,
): DoubleAnswer | null {
  if (!path.endsWith("/")) {
    if (method !== "GET") return NO_PAGE;
    const asked = query.toString();
    return { status: 301, headers: { location: `${path}/${asked === "" ? "" : `?${asked}`}` } };
  }
  const key = headers["x-api-key"];
  if (key === undefined || key === "") {
    const detail = "Authentication credentials were not provided.";
    return { status: 401, body: { detail } };
  }
  if (key !== apiKey) return { status: 403, body: { detail: "Given API token is not valid" } };
  if (resetAt === null) return null;
  const limits = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(resetAt) };
  return { status: 429, headers: limits, body: { error: "Rate limit exceeded" } };
}
