import type { IssueAddress } from "../domain/issue.js";
import { TrackerError } from "../engine/tracker.js";
import { type HttpAnswer, type HttpClient, type HttpRequest, segment } from "./http-client.js";

export type PlaneAddress = Extract<IssueAddress, { tracker: "plane" }>;

export interface ItemRequest {
  readonly method?: HttpRequest["method"];
  /** Below the work item, with its trailing slash. */
  readonly below?: "comments/" | "relations/";
  readonly query?: string;
  readonly body?: unknown;
}

export interface PlaneItems {
  /** @throws TrackerError; a missing work item is refused. */
  call(address: PlaneAddress, request: ItemRequest): Promise<HttpAnswer>;
  /** Null: there is no such work item. */
  find(address: PlaneAddress, request: ItemRequest): Promise<HttpAnswer | null>;
  /** One page of a project's work items. */
  list(project: PlaneProjectAddress, query: string): Promise<HttpAnswer>;
}

export type PlaneProjectAddress = Pick<PlaneAddress, "workspace" | "project">;

/** `/workspaces/{slug}/projects/{id}/`, encoded; Plane needs the trailing slash. */
export function projectPath(address: PlaneProjectAddress): string {
  return `/workspaces/${segment(address.workspace)}/projects/${segment(address.project)}/`;
}

/**
 * Calls about one work item. Older servers know `issues/` and not `work-items/`; which one answers
 * is remembered, but a 404 from both only says that this work item doesn't exist.
 */
export function createPlaneItems(http: HttpClient): PlaneItems {
  let known: Collection | null = null;

  const under = (collection: Collection, address: PlaneAddress, request: ItemRequest) => {
    const item = `${projectPath(address)}${collection}/${segment(address.id)}/`;
    const path = `${item}${request.below ?? ""}${request.query ?? ""}`;
    const body = request.body === undefined ? {} : { body: request.body };
    return http({ method: request.method ?? "GET", path, ...body });
  };

  const inCollection = async (
    ask: (collection: Collection) => Promise<HttpAnswer>,
    missing: string,
  ): Promise<HttpAnswer> => {
    if (known !== null) return ask(known);
    for (const collection of COLLECTIONS) {
      try {
        const answer = await ask(collection);
        known = collection;
        return answer;
      } catch (error) {
        if (!isMissing(error)) {
          if (error instanceof TrackerError && error.status === 409) known = collection;
          throw error;
        }
      }
    }
    throw new TrackerError("tracker-refused", `Plane has no ${missing}`, {
      retryable: false,
      status: 404,
    });
  };
  const call = (address: PlaneAddress, request: ItemRequest) =>
    inCollection((name) => under(name, address, request), `work item ${address.id}`);

  return {
    call,
    list: (project, query) =>
      inCollection(
        (name) => http({ method: "GET", path: `${projectPath(project)}${name}/${query}` }),
        `project ${project.project}`,
      ),
    find: async (address, request) => {
      try {
        return await call(address, request);
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
  };
}

type Collection = "work-items" | "issues";
const COLLECTIONS: readonly Collection[] = ["work-items", "issues"];

function isMissing(error: unknown): boolean {
  return error instanceof TrackerError && error.status === 404;
}
