import { type IssueAddress, type IssueKey, issueKey } from "../../src/domain/issue.js";
import type { Dice } from "../../tests/support/dice.js";
import type { FiledIssue } from "../snapshot.js";
import { PLANE, PROJECTS } from "../world/projects.js";
import { MANNERS, type Manner } from "./manners.js";

/** An issue that somebody files, and what comes of it. */
export interface PlannedIssue extends FiledIssue {
  /** Name of its project. */
  readonly project: string;
  readonly address: IssueAddress;
  readonly title: string;
  readonly body: string;
  /** Ms after the beginning. */
  readonly at: number;
  /** Somebody changes their mind; in Plane nobody is assigned. */
  readonly withdrawn: { readonly by: "close" | "unassign"; readonly at: number } | null;
  /** How its approver takes it when they are asked. */
  readonly approver: Manner;
}

const ISSUES_A_MINUTE = 70;
/** A short round is to be over soon, also on a slow machine. */
const SHORT = { minutes: 2, issuesAMinute: 40 } as const;
/** Each project as often as its share says. */
const CHOICE = PROJECTS.flatMap((project) => Array.from({ length: project.share }, () => project));
const FEWEST = 6;
/** The last one is filed when so much of the time is over. */
const FILED_WITHIN = 0.8;
const DEPENDENT = 0.35;
/** Blockers are among so many filed before. */
const NEAR = 20;
const WITHDRAWN = 0.06;
/** What an agent's run does, each with its chance; else all is well. */
const WORDS: readonly (readonly [word: string, chance: number])[] = [
  ["fail", 0.07],
  ["later", 0.04],
  ["back", 0.14],
  ["child", 0.06],
  ["slow", 0.08],
  ["hang", 0.01],
];
const WORDS_AN_ISSUE = 6;

/** The same dice, the same issues. Blockers are filed before what they block. */
export function planIssues(dice: Dice, minutes: number): readonly PlannedIssue[] {
  const rate = minutes < SHORT.minutes ? SHORT.issuesAMinute : ISSUES_A_MINUTE;
  const count = Math.max(FEWEST, Math.round(rate * minutes));
  const lastAt = minutes * 60_000 * FILED_WITHIN;
  const times = Array.from({ length: count }, () => dice.below(lastAt)).sort((a, b) => a - b);
  const numbers = new Map<string, number>();
  const planned: PlannedIssue[] = [];
  for (const at of times) {
    const { name, repo } = dice.of(CHOICE);
    const number = (numbers.get(name) ?? 0) + 1;
    numbers.set(name, number);
    const place = { project: name, address: addressOf(repo, number), at };
    planned.push(planIssue(dice, place, number, planned.slice(-NEAR)));
  }
  const blocking = new Set(planned.flatMap(({ blockers }) => blockers));
  return planned.map((issue) => (blocking.has(issue.key) ? issue : withdrawn(dice, issue)));
}

/** Plane's ids are known beforehand too. */
function addressOf(repo: string | null, number: number): IssueAddress {
  if (repo !== null) return { tracker: "gitea", repo, number };
  const id = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
  return { tracker: "plane", ...PLANE, id };
}

function planIssue(
  dice: Dice,
  place: Pick<PlannedIssue, "project" | "address" | "at">,
  number: number,
  near: readonly PlannedIssue[],
): PlannedIssue {
  const { tracker } = place.address;
  // Neither tracker knows of the other's issues.
  const known = near.filter(({ address }) => address.tracker === tracker).map(({ key }) => key);
  const blockers = dice.chance(DEPENDENT) ? someOf(dice, known) : [];
  const words = Array.from({ length: WORDS_AN_ISSUE }, () => wordOf(dice));
  const named = tracker === "gitea" ? blockedBy(blockers) : [];
  const lines = ["Please write it down.", "", ...named, `chaos: ${words.join(" ")}`];
  return {
    ...place,
    key: issueKey(place.address),
    title: `Task ${number}`,
    body: lines.join("\n"),
    blockers,
    words,
    ends: ["done"],
    withdrawn: null,
    approver: dice.of(MANNERS),
  };
}

function someOf(dice: Dice, known: readonly IssueKey[]): readonly IssueKey[] {
  if (known.length === 0) return [];
  const chosen = Array.from({ length: 1 + dice.below(2) }, () => dice.of(known));
  return [...new Set(chosen)];
}

function blockedBy(blockers: readonly IssueKey[]): readonly string[] {
  if (blockers.length === 0) return [];
  return [`Blocked by: ${blockers.map((key) => key.replace("gitea:", "")).join(", ")}`, ""];
}

function wordOf(dice: Dice): string {
  let roll = dice.below(1_000) / 1_000;
  for (const [word, chance] of WORDS) {
    if (roll < chance) return word;
    roll -= chance;
  }
  return "ok";
}

/** It may be done before its end is heard of, or have ended before it was taken on. */
function withdrawn(dice: Dice, issue: PlannedIssue): PlannedIssue {
  if (!dice.chance(WITHDRAWN)) return issue;
  const by = issue.address.tracker === "plane" || dice.chance(0.5) ? "close" : "unassign";
  const at = issue.at + dice.below(15_000);
  return { ...issue, ends: ["cancelled", "done", "never begun"], withdrawn: { by, at } };
}
