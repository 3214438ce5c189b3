import type { IssueAddress } from "../domain/issue.js";
import type { IssueReference } from "../domain/metadata.js";
import { type Forge, type Tracker, TrackerError, type TrackerIssue } from "../engine/tracker.js";
import { createGiteaComments } from "./gitea-comments.js";
import { createGiteaForge } from "./gitea-forge.js";
import { commentsSince, issueOf, openIssues } from "./gitea-lists.js";
import { everyPage } from "./gitea-pages.js";
import {
  type GiteaAddress,
  giteaAddress,
  giteaRepo,
  isStatus,
  issuePath,
  orNull404,
} from "./gitea-paths.js";
import { blockerShape, issueShape } from "./gitea-shapes.js";
import { expectShape } from "./http-answer.js";
import { createHttpClient, type HttpClient } from "./http-client.js";

export interface GiteaOptions {
  /** Root of the web interface, as `GITEA_URL`. */
  readonly url: string;
  readonly token: string;
  /** The login whose token it is. */
  readonly bot: string;
  readonly fetch?: typeof globalThis.fetch;
  /** Upper bound of each call in ms; default 10 s. */
  readonly timeoutMs?: number;
  /** Between looks whether a pull request was checked for conflicts, in ms; default 1 s. */
  readonly checkPauseMs?: number;
}

/** Gitea and Forgejo, as tracker and as forge, over their REST. */
export function createGitea(options: GiteaOptions): Tracker & Forge {
  const http = createHttpClient({
    name: "Gitea",
    base: `${options.url.replace(/\/+$/, "")}/api/v1`,
    credential: {
      header: "authorization",
      value: `token ${options.token}`,
      secret: options.token,
    },
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  });
  const read = async (address: IssueAddress) => readIssue(http, options.bot, giteaAddress(address));
  const comments = createGiteaComments({ http, bot: options.bot, read });
  return {
    name: "gitea",
    readIssue: read,
    comment: async (address, effect, markdown) =>
      comments.once(giteaAddress(address), effect, markdown),
    putStatusComment: async (address, item, markdown) =>
      comments.putStatus(giteaAddress(address), item, markdown),
    setState: async () => {},
    blockers: async (address) => blockers(http, giteaAddress(address)),
    react: async (address, comment, reaction) =>
      comments.react(giteaAddress(address), comment, reaction),
    closeIssue: async (address) => closeIssue(http, giteaAddress(address)),
    openIssues: (place) => openIssues(http, options.bot, giteaRepo(place)),
    commentsSince: (place, since) => commentsSince(http, options.bot, giteaRepo(place), since),
    ...createGiteaForge(http, options.checkPauseMs ?? 1_000),
  };
}

async function readIssue(
  http: HttpClient,
  bot: string,
  address: GiteaAddress,
): Promise<TrackerIssue | null> {
  const body = await orNull404(http({ method: "GET", path: issuePath(address) }));
  if (body === null) return null;
  return issueOf(expectShape(issueShape, body.body, "Gitea's issue"), address, bot);
}

/** With dependencies switched off in the repository the list is a 404. */
async function blockers(http: HttpClient, address: GiteaAddress): Promise<IssueReference[]> {
  const listed = await orNull404(
    everyPage(http, `${issuePath(address)}/dependencies`, blockerShape),
  );
  return (listed ?? []).map(({ number, repository }) => {
    const repo = repository?.full_name ?? address.repo;
    return repo.toLowerCase() === address.repo.toLowerCase() ? number : `${repo}#${number}`;
  });
}

/** Gitea keeps an issue open while others block it, and says so with a 412. */
async function closeIssue(http: HttpClient, address: GiteaAddress): Promise<void> {
  try {
    await http({ method: "PATCH", path: issuePath(address), body: { state: "closed" } });
  } catch (error) {
    if (!isStatus(error, 412)) throw error;
    throw new TrackerError(
      "tracker-refused",
      `Gitea: ${address.repo}#${address.number} can't be closed while issues that block it are open`,
      { retryable: false, status: 412, cause: error },
    );
  }
}
