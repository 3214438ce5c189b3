import { createOutbox, type Delivered, type Hook, signedByGitea } from "./delivery.js";
import { accountRoutes, type DoubleAccount, scopeRefusal } from "./gitea-account.js";
import { createGiteaDesk, type GiteaDesk } from "./gitea-desk.js";
import { ALL_HOOK_EVENTS, hookRoutes, type MadeHook, type ShownHook } from "./gitea-hooks.js";
import { createGiteaPeople, type GiteaPeople } from "./gitea-people.js";
import { forgeRoutes } from "./gitea-routes-forge.js";
import { issueRoutes } from "./gitea-routes-issues.js";
import { pullRoutes } from "./gitea-routes-pulls.js";
import {
  createGiteaState,
  type DoubleComment,
  type DoubleIssue,
  type DoublePullRequest,
  type DoubleStatus,
} from "./gitea-state.js";
import {
  type DoubleAnswer,
  type DoubleRequest,
  type DoubleServer,
  routed,
  startDouble,
} from "./http-double.js";

export interface GiteaDoubleOptions {
  readonly token: string;
  /** Whose token it is. */
  readonly bot: string;
  /** `owner/name` of each repository. */
  readonly repos: readonly string[];
  /** Where webhooks go; also by `setHook`, when the receiver's port is known later. */
  readonly hook?: Hook;
  /** Head of a branch in the real repository behind; null: unknown. Branches set by hand come first. */
  readonly branchHead?: (repo: string, branch: string) => Promise<string | null>;
  /** Merges a branch into another in the real repository behind; false: they conflict. */
  readonly merge?: (repo: string, head: string, base: string) => Promise<boolean>;
  /** Most entries of a page, as `MAX_RESPONSE_ITEMS`; default 50. */
  readonly maxPageSize?: number;
  readonly now?: () => number;
}

/** A Gitea in memory: its REST over real HTTP, and its people by the handle's methods. */
export interface GiteaDouble extends GiteaPeople, DoubleServer {
  readonly issues: readonly DoubleIssue[];
  /** Oldest first. */
  comments(repo: string, number: number): readonly DoubleComment[];
  pullRequests(repo: string): readonly DoublePullRequest[];
  statuses(repo: string, sha: string): readonly DoubleStatus[];
  /** Signs given to a comment by its id. */
  reactions(comment: number): readonly string[];
  /** Every webhook sent so far, with its answer. */
  readonly delivered: readonly Delivered[];
  /** Webhooks of everything that happened so far were sent. */
  settled(): Promise<void>;
  setHook(hook: Hook | null): void;
  /** Webhooks wait until the function it returns is called, and are sent then. */
  holdDeliveries(): () => void;
  /** How the repositories' hook is shown to who may list them; null: the token may not. */
  showHook(hook: Partial<ShownHook> | null): void;
  /** Webhooks that were made over the API; the latest active one is where deliveries go. */
  readonly hooksMade: readonly MadeHook[];
  /** What the token and its account may do from now on. */
  setAccount(account: DoubleAccount): void;
  /** Comments posted or edited by anyone. */
  onComment(listener: (comment: DoubleComment) => void): () => void;
  onPullRequest(listener: (pull: DoublePullRequest) => void): () => void;
  /** Issues opened, closed, assigned or edited by anyone. */
  onState(listener: (issue: DoubleIssue) => void): () => void;
  /** Until it is called with null, every request is answered 429 with this `Retry-After`. */
  rateLimit(retryAfterSeconds: number | null): void;
}

export async function startGiteaDouble(options: GiteaDoubleOptions): Promise<GiteaDouble> {
  const state = createGiteaState(options.now ?? Date.now);
  for (const repo of options.repos) state.repos.add(repo);
  const outbox = createOutbox(signedByGitea);
  let byHand = options.hook ?? null;
  outbox.hook = byHand;
  const head = async (repo: string, branch: string) =>
    state.branches.get(`${repo}:${branch}`) ?? (await options.branchHead?.(repo, branch)) ?? null;
  let waitSeconds: number | null = null;
  let desk: GiteaDesk | null = null;
  let shown: Partial<ShownHook> | null = {};
  let account: DoubleAccount = {};
  const made: MadeHook[] = [];
  const hooks = (): readonly ShownHook[] | null => {
    if (shown === null) return null;
    const url = shown.url ?? byHand?.url;
    if (url === undefined) return [];
    return [{ url, active: true, events: ALL_HOOK_EVENTS, ...shown }];
  };

  const server = await startDouble(async (request) => {
    const refused = refusal(request, options.token, waitSeconds) ?? scopeRefusal(request, account);
    if (refused !== null) return refused;
    if (desk === null) return { status: 503, body: { message: "starting" } };
    const parts = {
      state,
      desk,
      bot: options.bot,
      head,
      merge: options.merge ?? (async () => true),
      pageSize: options.maxPageSize ?? 50,
      hooks,
      made,
      changeByHand: (hook: ShownHook | null) => {
        byHand = hook === null ? null : { secret: "", ...byHand, url: hook.url };
        outbox.hook = byHand;
        shown = hook ?? {};
      },
      account: () => account,
    };
    const routes = [
      ...issueRoutes(parts),
      ...forgeRoutes(parts),
      ...pullRoutes(parts),
      ...hookRoutes(parts),
      ...accountRoutes(parts),
    ];
    const answer = (await routed(routes, request)) ?? NOT_FOUND;
    const latest = made.findLast(({ active }) => active);
    if (latest !== undefined) outbox.hook = latest;
    return answer;
  });
  desk = createGiteaDesk({ url: server.url, state, outbox });
  const { onComment, onPullRequest, onState } = desk;

  return {
    ...server,
    ...createGiteaPeople(state, desk),
    get issues() {
      return [...state.issues.values()];
    },
    comments: (repo, number) =>
      state.comments.filter((one) => one.repo === repo && one.issue === number),
    pullRequests: (repo) => [...state.pulls.values()].filter((one) => one.repo === repo),
    statuses: (repo, sha) => state.statuses.get(`${repo}@${sha}`) ?? [],
    reactions: (comment) =>
      state.reactions.flatMap((one) => (one.comment === comment ? [one.content] : [])),
    delivered: outbox.delivered,
    settled: () => outbox.settled(),
    setHook: (hook) => {
      byHand = hook;
      outbox.hook = hook;
    },
    holdDeliveries: () => outbox.hold(),
    showHook: (hook) => {
      shown = hook;
    },
    hooksMade: made,
    setAccount: (changed) => {
      account = changed;
    },
    onComment,
    onPullRequest,
    onState,
    rateLimit: (seconds) => {
      waitSeconds = seconds;
    },
  };
}

const NOT_FOUND: DoubleAnswer = {
  status: 404,
  body: { message: "The target couldn't be found.", errors: [] },
};

/** What Gitea refuses before it looks at the path. */
function refusal(
  request: DoubleRequest,
  token: string,
  waitSeconds: number | null,
): DoubleAnswer | null {
  if (waitSeconds !== null) {
    return {
      status: 429,
      headers: { "retry-after": String(waitSeconds) },
      body: { message: "Too many requests" },
    };
  }
  if (request.headers.authorization !== `token ${token}`) {
    const message = request.headers.authorization ? "invalid token" : "token is required";
    return { status: 401, body: { message } };
  }
  return request.path.startsWith("/api/v1/") ? null : NOT_FOUND;
}
