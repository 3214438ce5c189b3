/** What a repository's webhook must look like, in the words of Gitea's and Forgejo's API. */

/** Where a receiver listens, whatever stands before it. */
export const HOOK_PATH = "/webhook/gitea";

/** What every project lives on. */
const NEEDED = [
  "issues",
  "issue_assign",
  "issue_comment",
  "pull_request",
  "pull_request_comment",
  "push",
  "delete",
] as const;
const REVIEWS = ["pull_request_review_approved", "pull_request_review_rejected"] as const;

/** Everything that is read, on any server. */
const READ_EVERYWHERE = [
  ...NEEDED,
  "issue_label",
  "issue_milestone",
  "pull_request_assign",
  "pull_request_label",
  "pull_request_milestone",
  "pull_request_sync",
  "pull_request_review_request",
  ...REVIEWS,
  "pull_request_review_comment",
] as const;
/** Chosen by it, reviews come as the three above; newer servers list this name alone. */
const ALL_REVIEWS = "pull_request_review";
const REVIEW = /^pull_request_review_(?:approved|rejected|comment)$/;
/** The first version whose API takes them. */
const SINCE: readonly (readonly [event: string, major: number, minor: number])[] = [
  ["status", 1, 24],
  ["workflow_run", 1, 25],
];
const OF_FORGEJO = ["action_run_success", "action_run_failure", "action_run_recover"] as const;

/** Is it a receiver's address? One that can't be read as an address is none. */
export function isReceiver(url: string): boolean {
  return URL.canParse(url) && new URL(url).pathname.replace(/\/$/, "").endsWith(HOOK_PATH);
}

/** Without these a hook is no use to a project with such gates; of each, one will do. */
export function neededEvents(
  gates: readonly (string | undefined)[],
): readonly (readonly string[])[] {
  return [
    ...NEEDED.map((event) => [event]),
    ...(gates.includes("review-approved") ? REVIEWS.map((event) => [event, ALL_REVIEWS]) : []),
    // Forgejo sends no statuses: its runs of Actions take their place.
    ...(gates.includes("ci-green") ? [["status", "action_run_success"]] : []),
  ];
}

/** What of `needed` a hook that lists `listed` doesn't send, each in words. */
export function unsentEvents(
  needed: readonly (readonly string[])[],
  listed: readonly string[],
): readonly string[] {
  return needed
    .filter((events) => !events.some((event) => listed.includes(event)))
    .map((events) => events.join(" or "));
}

export interface ReadEvents {
  /** What a hook is told to send. */
  readonly ask: readonly string[];
  /** Of those, what every server of its kind and age takes; the rest it may not know. */
  readonly sure: readonly string[];
}

/** All that are read, on a server of this version (`1.26.3`, `12.0.1+gitea-1.22.0`). */
export function readEvents(version: string): ReadEvents {
  const everywhere = [...READ_EVERYWHERE, ALL_REVIEWS];
  if (isForgejo(version)) return { ask: [...everywhere, ...OF_FORGEJO], sure: everywhere };
  const [, major = "0", minor = "0"] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  const known = SINCE.filter(
    ([, from, since]) => Number(major) > from || (Number(major) === from && Number(minor) >= since),
  );
  return {
    ask: [...everywhere, ...SINCE.map(([event]) => event)],
    sure: [...everywhere, ...known.map(([event]) => event)],
  };
}

/** Does a hook that lists `listed` send all of `events`? */
export function sendsAll(events: readonly string[], listed: readonly string[]): boolean {
  return events.every((event) => isSent(event, listed));
}

function isSent(event: string, listed: readonly string[]): boolean {
  if (listed.includes(event)) return true;
  if (REVIEW.test(event)) return listed.includes(ALL_REVIEWS);
  return event === ALL_REVIEWS && listed.some((one) => REVIEW.test(one));
}

function isForgejo(version: string): boolean {
  return version.includes("+gitea-") || /forgejo/i.test(version);
}
