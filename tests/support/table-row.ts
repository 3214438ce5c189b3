import { expect } from "vitest";
import type { HistoryEntry, WorkItem } from "../../src/domain/work-item.js";
import type { Agents } from "./agents.js";
import type { Act } from "./people-acts.js";
import { REPO } from "./running-fleet.js";
import { type Place, type WatchedFleet, watchFleet } from "./watched-fleet.js";

export interface Step {
  readonly stage: string;
  readonly agent?: string;
  readonly gate?: string;
}

/** The stages of `full`, each with its default gate. */
export const STEPS = {
  analysis: { stage: "analysis", agent: "analyst", gate: "analysis-approved" },
  architecture: { stage: "architecture", agent: "architect", gate: "architecture-done" },
  development: { stage: "development", agent: "developer", gate: "tests-local" },
  review: { stage: "review", agent: "reviewer", gate: "reviewer-verdict" },
  testing: { stage: "testing", agent: "tester", gate: "tests-passed" },
  deploy: { stage: "deploy", agent: "deployer", gate: "deploy-succeeded" },
} as const satisfies Readonly<Record<string, Step>>;
/** The alternatives to them. */
export const CHECKED: Step = { ...STEPS.development, gate: "ci-green" };
export const REVIEWED_BY_PEOPLE: Step = { ...STEPS.review, gate: "review-approved" };

/** One row of a table, or one way to come to it: played on a whole fleet, seen as people see it. */
export interface Row {
  /** The row's own words, and what is particular here. */
  readonly row: string;
  readonly given: {
    /** The project's pipeline; `full` unless said. */
    readonly steps?: readonly Step[];
    readonly agents?: Agents;
    /** Added to the fleet's file. */
    readonly file?: Readonly<Record<string, unknown>>;
    /** Added to the project's entry. */
    readonly project?: Readonly<Record<string, unknown>>;
    /** What happened before the row's event; what it brought isn't looked at. */
    readonly before?: Act;
  };
  /** The event; the fleet is left to rest after it. */
  readonly when: Act;
  readonly follows: Expected;
}

/**
 * What is there afterwards. Words are given by fragments with ` … ` between, after `^` from the start
 * on; `HEAD` stands for the item's head. Lists are whole: what isn't named wasn't said, and each was said once (I11).
 */
export interface Expected {
  readonly item: Partial<WorkItem>;
  /** The last agent that started is still at work. */
  readonly working?: true;
  /** Who started since. */
  readonly roles?: readonly string[];
  /** Moves in the history since: `review → development`. */
  readonly moves?: readonly string[];
  /** Verdicts in the history since, oldest first. */
  readonly verdicts?: readonly Partial<HistoryEntry>[];
  /** New comments on the issue. */
  readonly comments?: readonly string[];
  /** How people's comments since are answered: by signs in Gitea, in Plane by words. */
  readonly answer?: { readonly signs: readonly string[]; readonly words?: string };
  /** New messages in Telegram. */
  readonly messages?: readonly string[];
  /** The state on Plane's board. */
  readonly state: string;
  /** Words in the prompt of the agent that started last. */
  readonly prompt?: readonly string[];
  /** The pull request of the branch; absent: none was opened. */
  readonly pullRequest?: { readonly open: boolean };
  /** What else must hold. */
  readonly also?: (watched: WatchedFleet, item: WorkItem) => Promise<void>;
}

/** Rows for `it.each("%s")`: vitest would cut their words short by `$row`. */
export function named<R extends { readonly row: string }>(rows: readonly R[]): [string, R][] {
  return rows.map((row) => [row.row, row]);
}

/** A fleet as a row finds it before its event. */
export async function start(given: Row["given"], place: Place): Promise<WatchedFleet> {
  const steps = given.steps === undefined ? {} : { pipelines: { played: given.steps } };
  const watched = await watchFleet(place, {
    projects: {
      [REPO]: { pipeline: given.steps === undefined ? "full" : "played", ...given.project },
    },
    file: { ...steps, ...given.file },
    agents: given.agents ?? {},
  });
  await given.before?.(watched);
  return watched;
}

/** Lets a row's event happen, and looks at everything people and the store then show. */
export async function play({ given, when, follows }: Row, place: Place): Promise<void> {
  const watched = await start(given, place);
  const before = await seen(watched);
  await when(watched);
  if (follows.working)
    await watched.fleet.untilStarted(before.roles.length + lengthOf(follows.roles));
  await watched.rest(follows.working && "an agent works");
  await check(watched, before, follows);
}

function lengthOf(list: readonly unknown[] | undefined): number {
  return list?.length ?? 0;
}

interface Seen {
  readonly roles: readonly string[];
  readonly comments: readonly string[];
  readonly messages: readonly string[];
  readonly signs: readonly string[];
  readonly history: readonly HistoryEntry[];
}

async function seen({ fleet, comments, messages, signs }: WatchedFleet): Promise<Seen> {
  return {
    roles: fleet.started.map(({ role }) => role),
    comments: [...comments()],
    messages: [...messages()],
    signs: [...signs()],
    history: await fleet.store.items.history("ET-001"),
  };
}

async function check(watched: WatchedFleet, before: Seen, follows: Expected): Promise<void> {
  const after = await seen(watched);
  const item = await watched.item();
  const since = (what: "roles" | "comments" | "messages" | "signs") =>
    after[what].slice(before[what].length);
  expect(item).toMatchObject(follows.item);
  expect(since("roles")).toEqual(follows.roles ?? []);
  const history = after.history.slice(before.history.length);
  expect(movesIn(history)).toEqual(follows.moves ?? []);
  const verdicts = history.filter(({ kind }) => kind === "verdict");
  expect(verdicts).toMatchObject(follows.verdicts ?? verdicts);

  const words = watched.place === "Plane" && follows.answer?.words;
  expectSaid(since("comments"), [...(follows.comments ?? []), ...(words ? [words] : [])], item);
  expectSaid(since("messages"), follows.messages ?? [], item);
  if (watched.place === "Gitea") {
    expect(since("signs").toSorted()).toEqual(follows.answer?.signs.toSorted() ?? []);
    expectShown(watched.statuses(), item);
  } else {
    expect(watched.state()).toBe(follows.state);
  }
  const prompt = watched.fleet.started.at(-1)?.prompt ?? "";
  for (const fragment of follows.prompt ?? []) expect(prompt).toContain(fragment);
  expectPullRequest(watched, item, follows.pullRequest);
  await follows.also?.(watched, item);
}

function movesIn(history: readonly HistoryEntry[]): string[] {
  return history.flatMap(({ kind, from, to }) =>
    kind === "transition" ? [`${from} → ${to}`] : [],
  );
}

/** Notifiers work side by side, so that what one transition says may come in any order. */
function expectSaid(said: readonly string[], expected: readonly string[], item: WorkItem): void {
  const patterns = expected.map((words) => patternOf(words, item));
  const unexpected = said.filter((text) => !patterns.some((pattern) => pattern.test(text)));
  const counts = patterns.map((pattern) => said.filter((text) => pattern.test(text)).length);
  expect({ unexpected, counts, said }).toEqual({
    unexpected: [],
    counts: patterns.map(
      ({ source }) => patterns.filter((other) => other.source === source).length,
    ),
    said,
  });
}

function patternOf(words: string, { head }: WorkItem): RegExp {
  const start = words.startsWith("^") ? "^" : "";
  const escaped = words
    .slice(start.length)
    .replaceAll("HEAD", head ?? "(no head)")
    .split(" … ")
    .map((fragment) => fragment.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(start + escaped.join(".*"), "s");
}

/** The one status comment says what the item is, the very words of its status and stage. */
function expectShown(statuses: readonly string[], item: WorkItem): void {
  const words = item.status.replace("-", " ");
  const shown = `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  expect(statuses).toHaveLength(1);
  expect(statuses[0]).toMatch(
    new RegExp(`^- \\S+ \\*\\*${item.stage}\\*\\*$[^]*^\\*\\*${shown}\\*\\*(: |$)`, "m"),
  );
}

function expectPullRequest(
  watched: WatchedFleet,
  { branch }: WorkItem,
  expected: Expected["pullRequest"],
): void {
  const pulls = expected === undefined ? [] : [{ head: branch, base: "main", ...expected }];
  expect(watched.pullRequests()).toMatchObject(pulls);
  expect(watched.pullRequests()).toHaveLength(pulls.length);
}
