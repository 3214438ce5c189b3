import { z } from "zod";
import { everyPage } from "./gitea-pages.js";
import { orNull404, repoPath } from "./gitea-paths.js";
import { expectShape } from "./http-answer.js";
import { createHttpClient, type HttpClient } from "./http-client.js";

export interface GiteaAdminOptions {
  /** Root of the web interface, as `GITEA_URL`. */
  readonly url: string;
  readonly token: string;
  /** Upper bound of each call in ms. */
  readonly timeoutMs: number;
}

/** A webhook of a repository, with what is needed to change it. */
export interface StoredHook {
  readonly id: number;
  readonly type: string;
  readonly url: string;
  readonly contentType: string;
  readonly active: boolean;
  readonly events: readonly string[];
  /** Pushes to other branches aren't sent; empty or `*`: all are. */
  readonly branchFilter: string;
  /** What it sends as `Authorization`; a secret. */
  readonly authorization: string;
}

/** The secret can't be changed: that takes a new hook. */
export type HookChange = Pick<StoredHook, "url" | "events" | "authorization">;

/** What setting a fleet up and looking whether it is set up right asks of a Gitea or Forgejo. */
export interface GiteaAdmin {
  /** The login whose token it is. */
  whoAmI(): Promise<string>;
  /** The server's version, and when it answered, in ms since the epoch; null: it doesn't say. */
  version(): Promise<{ readonly version: string; readonly at: number | null }>;
  /** What the account may do in the repository. Null: there is no such one, or it can't be seen. */
  rights(repo: string): Promise<{ readonly admin: boolean; readonly push: boolean } | null>;
  /** Asks to change what doesn't exist: throws only where the token may not write. */
  tryWriting(repo: string, what: "issues" | "pulls"): Promise<void>;
  hooks(repo: string): Promise<readonly StoredHook[]>;
  /** Makes an active hook that sends JSON. Returns what the server made of it. */
  addHook(repo: string, hook: NewHook): Promise<StoredHook>;
  /** Leaves it active, sending JSON of all branches. */
  changeHook(repo: string, id: number, change: HookChange): Promise<StoredHook>;
  /** Gone already is fine. */
  removeHook(repo: string, id: number): Promise<void>;
}

export interface NewHook {
  readonly url: string;
  readonly secret: string;
  readonly events: readonly string[];
}

const userShape = z.object({ login: z.string() });
const versionShape = z.object({ version: z.string() });
const rightsShape = z.object({
  permissions: z.object({ admin: z.boolean(), push: z.boolean() }).nullish(),
});
const hookShape = z
  .object({
    id: z.number().int(),
    type: z.string().nullish(),
    active: z.boolean(),
    config: z.object({ url: z.string().nullish(), content_type: z.string().nullish() }).nullish(),
    events: z.array(z.string()).nullish(),
    branch_filter: z.string().nullish(),
    authorization_header: z.string().nullish(),
  })
  .transform(
    (hook): StoredHook => ({
      id: hook.id,
      type: hook.type ?? "gitea",
      url: hook.config?.url ?? "",
      contentType: hook.config?.content_type ?? "json",
      active: hook.active,
      events: hook.events ?? [],
      branchFilter: hook.branch_filter ?? "",
      authorization: hook.authorization_header ?? "",
    }),
  );

export function createGiteaAdmin({ url, token, timeoutMs }: GiteaAdminOptions): GiteaAdmin {
  const http = createHttpClient({
    name: "Gitea",
    base: `${url.replace(/\/+$/, "")}/api/v1`,
    credential: { header: "authorization", value: `token ${token}`, secret: token },
    timeoutMs,
  });
  const get = async (path: string) => (await http({ method: "GET", path })).body;
  return {
    whoAmI: async () => expectShape(userShape, await get("/user"), "Gitea's user").login,
    async version() {
      const { body, headers } = await http({ method: "GET", path: "/version" });
      const at = Date.parse(headers.get("date") ?? "");
      const { version } = expectShape(versionShape, body, "Gitea's version");
      return { version, at: Number.isNaN(at) ? null : at };
    },
    async rights(repo) {
      const body = await orNull404(get(repoPath(repo)));
      if (body === null) return null;
      const { permissions } = expectShape(rightsShape, body, "Gitea's repository");
      return permissions ?? { admin: false, push: false };
    },
    async tryWriting(repo, what) {
      // None has the number 0, but whether the token may write is looked at first.
      const path = `${repoPath(repo)}/${what}/0`;
      await orNull404(http({ method: "PATCH", path, body: {} }));
    },
    ...hookCalls(http),
  };
}

function hookCalls(
  http: HttpClient,
): Pick<GiteaAdmin, "hooks" | "addHook" | "changeHook" | "removeHook"> {
  const hooksOf = (repo: string) => `${repoPath(repo)}/hooks`;
  const stored = (body: unknown) => expectShape(hookShape, body, "Gitea's webhook");
  return {
    hooks: (repo) => everyPage(http, hooksOf(repo), hookShape),
    async addHook(repo, { url, secret, events }) {
      const config = { url, content_type: "json", secret };
      const body = { type: "gitea", config, events, active: true };
      return stored((await http({ method: "POST", path: hooksOf(repo), body })).body);
    },
    async changeHook(repo, id, { url, events, authorization }) {
      // What is left out is emptied: the events become `push` alone, the header is dropped.
      const body = {
        config: { url, content_type: "json" },
        events,
        active: true,
        branch_filter: "*",
        authorization_header: authorization,
      };
      return stored((await http({ method: "PATCH", path: `${hooksOf(repo)}/${id}`, body })).body);
    },
    async removeHook(repo, id) {
      await orNull404(http({ method: "DELETE", path: `${hooksOf(repo)}/${id}` }));
    },
  };
}
