import { z } from "zod";
import { type Reaction, TrackerError, type TrackerIssue } from "../engine/tracker.js";
import { fittingComment } from "./comment-length.js";
import { type GiteaAddress, isStatus, issuePath, repoPath } from "./gitea-paths.js";
import { commentShape } from "./gitea-shapes.js";
import { expectShape } from "./http-answer.js";
import { type HttpClient, segment } from "./http-client.js";
import { effectMarker, startsWithMarker, statusMarker, withMarker } from "./marker.js";

interface Dependencies {
  readonly http: HttpClient;
  readonly bot: string;
  readonly read: (address: GiteaAddress) => Promise<TrackerIssue | null>;
}

export interface GiteaComments {
  /** Posts unless the bot's comment of this effect is there. */
  once(address: GiteaAddress, effect: string, markdown: string): Promise<void>;
  /** Edits the bot's status comment of this item, or posts it. */
  putStatus(address: GiteaAddress, item: string, markdown: string): Promise<void>;
  /** False: reactions are off, or the conversation is locked. */
  react(address: GiteaAddress, comment: string, reaction: Reaction): Promise<boolean>;
}

/** Comments that are found again by a hidden marker on their first line. */
export function createGiteaComments({ http, bot, read }: Dependencies): GiteaComments {
  return {
    once: (address, effect, markdown) =>
      whileIssueExists(read, address, async () => {
        const marker = effectMarker(effect);
        if ((await findOwn(http, bot, address, marker)) !== null) return;
        await post(http, address, withMarker(marker, fittingComment(markdown)));
      }),
    putStatus: (address, item, markdown) =>
      whileIssueExists(read, address, async () => {
        const marker = statusMarker(item);
        const body = withMarker(marker, fittingComment(markdown));
        const known = await findOwn(http, bot, address, marker);
        if (known?.body === body) return;
        const edited = known !== null && (await edit(http, address, known.id, body));
        if (!edited) await post(http, address, body);
      }),
    react: (address, comment, reaction) => react(http, address, comment, reaction),
  };
}

interface OwnComment {
  readonly id: number;
  readonly body: string;
}

/**
 * The list isn't paged. Anyone can write a marker, so the author counts as well. Should two carry it
 * (written at once, long ago), the oldest is the one, always the same.
 */
async function findOwn(
  http: HttpClient,
  bot: string,
  address: GiteaAddress,
  marker: string,
): Promise<OwnComment | null> {
  const { body } = await http({ method: "GET", path: `${issuePath(address)}/comments` });
  const comments = expectShape(z.array(commentShape).nullable(), body, "Gitea's comments") ?? [];
  const [oldest] = comments
    .filter(
      (comment) =>
        comment.user?.login.toLowerCase() === bot.toLowerCase() &&
        startsWithMarker(comment.body, marker),
    )
    .sort((one, other) => one.id - other.id);
  return oldest ?? null;
}

async function post(http: HttpClient, address: GiteaAddress, body: string): Promise<void> {
  await http({ method: "POST", path: `${issuePath(address)}/comments`, body: { body } });
}

/** False: somebody deleted the comment meanwhile. */
async function edit(
  http: HttpClient,
  address: GiteaAddress,
  id: number,
  body: string,
): Promise<boolean> {
  const path = `${repoPath(address.repo)}/issues/comments/${id}`;
  try {
    await http({ method: "PATCH", path, body: { body } });
    return true;
  } catch (error) {
    if (isStatus(error, 404)) return false;
    throw error;
  }
}

const SIGNS = { seen: "+1", looking: "eyes", refused: "-1" } as const satisfies Record<
  Reaction,
  string
>;

/** The same reaction again changes nothing (200 instead of 201). */
async function react(
  http: HttpClient,
  address: GiteaAddress,
  comment: string,
  reaction: Reaction,
): Promise<boolean> {
  const path = `${repoPath(address.repo)}/issues/comments/${segment(comment)}/reactions`;
  try {
    await http({ method: "POST", path, body: { content: SIGNS[reaction] } });
    return true;
  } catch (error) {
    if (isStatus(error, 404)) return true;
    if (isStatus(error, 403)) return false;
    throw error;
  }
}

/**
 * Gitea answers comments of a missing issue with a 500 without a message. Reading the issue tells
 * that from a server in trouble, so that nobody retries for an issue that is gone.
 */
async function whileIssueExists(
  read: Dependencies["read"],
  address: GiteaAddress,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isStatus(error, 500) || (await read(address)) !== null) throw error;
    throw new TrackerError(
      "tracker-refused",
      `Gitea: ${address.repo}#${address.number} doesn't exist any more`,
      { retryable: false, status: 404, cause: error },
    );
  }
}
