import { repositoryBody, userBody } from "./gitea-bodies.js";
import { repoPath } from "./gitea-routes-issues.js";
import type { GiteaState } from "./gitea-state.js";
import type { DoubleAnswer, DoubleRequest, Route } from "./http-double.js";

/** What the token and its account may do. */
export interface DoubleAccount {
  /** Whose token it is; absent: the bot's. */
  readonly login?: string;
  readonly admin?: boolean;
  readonly push?: boolean;
  /** Scopes the token lacks, as `write:issue`. */
  readonly lacks?: readonly string[];
  /** Of the server; `12.0.1+gitea-1.22.0` is a Forgejo. */
  readonly version?: string;
}

/** Gitea's REST of the token's account, its rights, and the server. */
export function accountRoutes(parts: {
  readonly state: GiteaState;
  readonly desk: { readonly url: string };
  readonly bot: string;
  readonly account: () => DoubleAccount;
}): Route[] {
  const { state, desk, bot, account } = parts;
  return [
    [
      "GET",
      /^\/api\/v1\/version$/,
      () => ({ status: 200, body: { version: account().version ?? "1.26.3" } }),
    ],
    ["GET", /^\/api\/v1\/user$/, () => ({ status: 200, body: userBody(account().login ?? bot) })],
    [
      "GET",
      repoPath(""),
      (_request, owner, name) => {
        const repo = `${owner}/${name}`;
        if (!state.repos.has(repo)) {
          return { status: 404, body: { message: "The target couldn't be found." } };
        }
        const { admin = true, push = true } = account();
        return {
          status: 200,
          body: {
            ...repositoryBody({ url: desk.url, repo }),
            permissions: { admin, push, pull: true },
          },
        };
      },
    ],
  ];
}

/** Looked at before the path's own handler; null: the token has the scope. */
export function scopeRefusal(
  { method, path }: DoubleRequest,
  { lacks = [] }: DoubleAccount,
): DoubleAnswer | null {
  const category = path.startsWith("/api/v1/user")
    ? "user"
    : /\/repos\/[^/]+\/[^/]+\/issues/.test(path)
      ? "issue"
      : "repository";
  const needed = `${method === "GET" ? "read" : "write"}:${category}`;
  if (!lacks.includes(needed) || path === "/api/v1/version") return null;
  const message = `token does not have at least one of required scope(s), required=[${needed}]`;
  return { status: 403, body: { message } };
}
