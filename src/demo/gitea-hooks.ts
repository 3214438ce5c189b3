import { pageOf } from "./gitea-page.js";
import { repoPath } from "./gitea-routes-issues.js";
import type { GiteaState } from "./gitea-state.js";
import type { Route } from "./http-double.js";

/** A webhook as its repository's settings show it. */
export interface ShownHook {
  readonly url: string;
  readonly active: boolean;
  readonly events: readonly string[];
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

/** Gitea's REST of webhooks; listing them takes an administrator of the repository. */
export function hookRoutes(parts: {
  readonly state: GiteaState;
  readonly desk: { readonly url: string };
  readonly pageSize: number;
  /** Null: the token's account is no administrator. */
  readonly hooks: () => readonly ShownHook[] | null;
}): Route[] {
  return [
    [
      "GET",
      repoPath("/hooks"),
      (request, owner, name) => {
        if (!parts.state.repos.has(`${owner}/${name}`)) {
          return { status: 404, body: { message: "The target couldn't be found." } };
        }
        const hooks = parts.hooks();
        if (hooks === null) {
          const message = "user should be an owner or a collaborator with admin write";
          return { status: 403, body: { message } };
        }
        const shown = hooks.map(({ url, active, events }, index) => ({
          id: index + 1,
          type: "gitea",
          config: { content_type: "json", url },
          events,
          active,
        }));
        return pageOf(shown, request, parts.desk.url, parts.pageSize);
      },
    ],
  ];
}
