import { pageOf } from "./gitea-page.js";
import { repoPath } from "./gitea-routes-issues.js";
import type { GiteaState } from "./gitea-state.js";
import { type DoubleAnswer, field, type Route, textField } from "./http-double.js";

/** A webhook as its repository's settings show it. */
export interface ShownHook {
  readonly url: string;
  readonly active: boolean;
  readonly events: readonly string[];
  readonly branchFilter?: string;
}

/** A webhook that was made over the API, with what nobody is shown. */
export interface MadeHook extends ShownHook {
  readonly id: number;
  readonly repo: string;
  readonly secret: string;
  readonly authorization: string;
}

/** What a hook made in the web interface with every event lists. */
export const ALL_HOOK_EVENTS: readonly string[] = [
  ..."create delete fork push release package wiki repository status".split(" "),
  ..."issues issue_assign issue_label issue_milestone issue_comment".split(" "),
  ..."pull_request pull_request_assign pull_request_label pull_request_milestone".split(" "),
  ..."pull_request_comment pull_request_review_approved pull_request_review_rejected".split(" "),
  ..."pull_request_review_comment pull_request_sync pull_request_review_request".split(" "),
  ..."workflow_run workflow_job".split(" "),
];
/** Newer servers store reviews under one name, and list that. */
const KNOWN = [
  ...ALL_HOOK_EVENTS.filter((event) => !/_review_(approved|rejected|comment)$/.test(event)),
  "pull_request_review",
];
const OF_FORGEJO = ["action_run_success", "action_run_failure", "action_run_recover"];
const NOT_FOUND: DoubleAnswer = { status: 404, body: { message: "The target couldn't be found." } };
/** Of the hook that was made by hand. */
const BY_HAND = 1;

interface Parts {
  readonly state: GiteaState;
  readonly desk: { readonly url: string };
  readonly pageSize: number;
  /** Made by hand; null: the token's account is no administrator. */
  readonly hooks: () => readonly ShownHook[] | null;
  readonly changeByHand: (hook: ShownHook | null) => void;
  readonly made: MadeHook[];
  readonly account: () => { readonly version?: string };
}

/** Gitea's REST of webhooks; it takes an administrator of the repository. */
export function hookRoutes(parts: Parts): Route[] {
  const guarded =
    (
      handle: (repo: string, request: Parameters<Route[2]>[0], id: number) => DoubleAnswer,
    ): Route[2] =>
    (request, owner, name, id = "0") => {
      if (!parts.state.repos.has(`${owner}/${name}`)) return NOT_FOUND;
      if (parts.hooks() !== null) return handle(`${owner}/${name}`, request, Number(id));
      const message = "user should be an owner or a collaborator with admin write";
      return { status: 403, body: { message } };
    };
  const one = repoPath("/hooks/(\\d+)");
  return [
    [
      "GET",
      repoPath("/hooks"),
      guarded((repo, request) =>
        pageOf(allOf(parts, repo).map(hookBody), request, parts.desk.url, parts.pageSize),
      ),
    ],
    ["POST", repoPath("/hooks"), guarded((repo, { body }) => create(parts, repo, body))],
    ["PATCH", one, guarded((repo, { body }, id) => change(parts, repo, id, body))],
    ["DELETE", one, guarded((repo, _request, id) => remove(parts, repo, id))],
  ];
}

function allOf({ hooks, made }: Parts, repo: string): MadeHook[] {
  const hidden = { repo, secret: "", authorization: "" };
  const byHand = (hooks() ?? []).map((hook) => ({ ...hidden, ...hook, id: BY_HAND }));
  return [...byHand, ...made.filter((hook) => hook.repo === repo)];
}

function hookBody({ id, url, events, active, branchFilter, authorization }: MadeHook) {
  return {
    id,
    type: "gitea",
    config: { content_type: "json", url },
    events,
    active,
    branch_filter: branchFilter ?? "",
    authorization_header: authorization,
  };
}

/** Left out, it isn't active and hears of pushes alone. */
function create(parts: Parts, repo: string, body: unknown): DoubleAnswer {
  const { state, made } = parts;
  const config = field(body, "config");
  const url = textField(config, "url");
  if (url === null || textField(config, "content_type") === null) {
    return { status: 422, body: { message: "Missing config option" } };
  }
  const hook: MadeHook = {
    id: state.nextId(),
    repo,
    url,
    secret: textField(config, "secret") ?? "",
    active: field(body, "active") === true,
    events: chosen(parts, field(body, "events")),
    branchFilter: textField(body, "branch_filter") ?? "",
    authorization: textField(body, "authorization_header") ?? "",
  };
  made.push(hook);
  return { status: 201, body: hookBody(hook) };
}

/** The secret stays; what is left out is emptied, only the switch and the address are not. */
function change(parts: Parts, repo: string, id: number, body: unknown): DoubleAnswer {
  const old = allOf(parts, repo).find((hook) => hook.id === id);
  if (old === undefined) return NOT_FOUND;
  const active = field(body, "active");
  const hook: MadeHook = {
    ...old,
    url: textField(field(body, "config"), "url") ?? old.url,
    active: typeof active === "boolean" ? active : old.active,
    events: chosen(parts, field(body, "events")),
    branchFilter: textField(body, "branch_filter") ?? "",
    authorization: textField(body, "authorization_header") ?? "",
  };
  if (id === BY_HAND) parts.changeByHand(hook);
  else parts.made.splice(parts.made.indexOf(old), 1, hook);
  return { status: 200, body: hookBody(hook) };
}

function remove(parts: Parts, repo: string, id: number): DoubleAnswer {
  const old = allOf(parts, repo).find((hook) => hook.id === id);
  if (old === undefined) return NOT_FOUND;
  if (id === BY_HAND) parts.changeByHand(null);
  else parts.made.splice(parts.made.indexOf(old), 1);
  return { status: 204 };
}

/** `issues` and `pull_request` stand for all of their kind; names it doesn't know are dropped. */
function chosen({ account }: Parts, events: unknown): readonly string[] {
  const known = account().version?.includes("+gitea-")
    ? [...KNOWN.filter((event) => !/^(status|workflow_)/.test(event)), ...OF_FORGEJO]
    : KNOWN;
  const asked = Array.isArray(events) && events.length > 0 ? events.map(String) : ["push"];
  return known.filter(
    (event) =>
      asked.includes(event) ||
      (asked.includes("issues") && event.startsWith("issue")) ||
      (asked.includes("pull_request") && event.startsWith("pull_request")),
  );
}
