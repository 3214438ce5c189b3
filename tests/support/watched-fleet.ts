import type { DoublePullRequest } from "../../src/demo/gitea-state.js";
import type { WorkItem } from "../../src/domain/work-item.js";
import { runPlaneFleet } from "./plane-fleet.js";
import {
  APPROVER,
  BOT,
  type FleetOptions,
  GITEA_SECRET,
  REPO,
  type RunningFleet,
  runFleet,
} from "./running-fleet.js";
import { startTelegramDouble, type TelegramDouble } from "./telegram-double.js";

export const ISSUE = 7;
const TITLE = "Count the telemetry";
/** Gitea knows people by login, Plane by e-mail; the double makes one of a display name. */
const APPROVERS = [APPROVER, `${APPROVER}@people.example`];

export const PLACES = ["Gitea", "Plane"] as const;
export type Place = (typeof PLACES)[number];

/** A whole fleet with one issue, in the eyes of the people around it. */
export interface WatchedFleet {
  readonly fleet: RunningFleet;
  readonly place: Place;
  /** Files the issue so that work on it starts. */
  file(): void;
  /** Somebody comments on the issue. */
  says(author: string, text: string): Promise<void>;
  /** Signs that people's comments on the issue bear, oldest first; Plane has none. */
  signs(): readonly string[];
  item(): Promise<WorkItem>;
  /** Everything that happened was heard, and what follows has ended, save an agent at work. */
  rest(working?: "an agent works"): Promise<void>;
  /** The branch's head is now at this commit, which the forge tells. */
  pushed(commit: string): Promise<void>;
  /** What the forge sends is lost while `work` is done. */
  unheard(work: () => void): Promise<void>;
  /** Plain words of the fleet's comments on the issue, its status aside, oldest first. */
  comments(): readonly string[];
  /** Comments that show the status; none in Plane. */
  statuses(): readonly string[];
  /** The state on the board; null: there is no board, as in Gitea. */
  state(): string | null;
  /** What Telegram shows, oldest first. */
  messages(): readonly string[];
  pullRequests(): readonly DoublePullRequest[];
}

export async function watchFleet(place: Place, options: FleetOptions): Promise<WatchedFleet> {
  const telegram = await startTelegramDouble();
  const told: FleetOptions = {
    ...options,
    environment: { ...options.environment, ...telegram.environment },
    file: { approvers: APPROVERS, ...options.file },
  };
  return place === "Gitea" ? inGitea(told, telegram) : inPlane(told, telegram);
}

async function inGitea(options: FleetOptions, telegram: TelegramDouble): Promise<WatchedFleet> {
  const fleet = await runFleet(options);
  const all = () => fleet.gitea.comments(REPO, ISSUE);
  const ours = (isStatus: boolean) =>
    all()
      .filter(({ author, body }) => author === BOT && isStatus === body.includes(STATUS))
      .map(({ body }) => body);
  return {
    ...watched(fleet, telegram, async () => undefined),
    place: "Gitea",
    file: () => fleet.assignedIssue({ number: ISSUE, title: TITLE }),
    says: async (author, text) => {
      fleet.gitea.humanComment(REPO, ISSUE, author, text);
    },
    signs: () =>
      all()
        .filter(({ author }) => author !== BOT)
        .flatMap(({ id }) => fleet.gitea.reactions(id)),
    comments: () => ours(false).map(plainMarkdown),
    statuses: () => ours(true),
    state: () => null,
  };
}

async function inPlane(options: FleetOptions, telegram: TelegramDouble): Promise<WatchedFleet> {
  const { fleet, plane, fileItem } = await runPlaneFleet(options);
  const filed = { id: "" };
  return {
    ...watched(fleet, telegram, () => plane.settled()),
    place: "Plane",
    file: () => {
      filed.id = fileItem(TITLE);
    },
    says: async (author, text) => {
      plane.humanComment(filed.id, author, `<p>${text}</p>`);
    },
    signs: () => [],
    comments: () =>
      plane
        .comments(filed.id)
        .filter(({ author }) => author.id === plane.bot.id)
        .map(({ html }) => plainHtml(html)),
    statuses: () => [],
    state: () => plane.stateOf(filed.id),
  };
}

type Shared = "fleet" | "item" | "rest" | "pushed" | "unheard" | "messages" | "pullRequests";

function watched(
  fleet: RunningFleet,
  telegram: TelegramDouble,
  settled: () => Promise<void>,
): Pick<WatchedFleet, Shared> {
  const item = () => fleet.untilItem("ET-001", () => true);
  const heard = async () => {
    await settled();
    await fleet.gitea.settled();
  };
  return {
    fleet,
    item,
    async rest(working) {
      await heard();
      if (working === undefined) return fleet.untilQuiet();
      const { id, version } = await item();
      await fleet.untilQuiet({ except: [`${id}-v${version}-run`] });
    },
    async pushed(commit) {
      fleet.gitea.setBranch(REPO, (await item()).branch, commit, APPROVER);
      await heard();
    },
    async unheard(work) {
      await fleet.gitea.settled();
      fleet.gitea.setHook(null);
      work();
      const url = `${fleet.receiver.url}/webhook/gitea`;
      fleet.gitea.setHook({ url, secret: GITEA_SECRET });
    },
    messages: () => telegram.messages,
    pullRequests: () => fleet.gitea.pullRequests(REPO),
  };
}

const STATUS = "stagecoach:status:";

function plainMarkdown(text: string): string {
  return text
    .replace(/<!--.*?-->/gs, "")
    .replace(/\*\*|`|^> ?/gm, "")
    .trim();
}

function plainHtml(html: string): string {
  return html
    .replace(/<[^>]+>/g, "")
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .trim();
}
