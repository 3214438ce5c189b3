import type { IssueReference } from "../domain/metadata.js";
import { STAGES, type WorkStage } from "../domain/stage.js";
import { proseLines, splitLines } from "./prose.js";
import { findReferences, type ReferenceScope } from "./references.js";

/** What a comment asks for. Whether its author may is decided elsewhere. */
export type Command =
  /** `sha`: lower case, 7 to 64 hex digits, may be abbreviated; null: the commit named in the request. */
  | { readonly kind: "approve"; readonly sha: string | null }
  | { readonly kind: "reject"; readonly reason: string }
  /** `allowProtected`: with the protected paths that the last run failed for. */
  | { readonly kind: "retry"; readonly allowProtected?: true }
  | { readonly kind: "cancel" }
  | { readonly kind: "status" }
  | { readonly kind: "unblock"; readonly blocker: IssueReference }
  /** Null: the previous stage. */
  | { readonly kind: "rollback"; readonly stage: WorkStage | null }
  /** In the budget's own unit, USD or tokens; positive. */
  | { readonly kind: "budget"; readonly add: number }
  /** A known command whose argument can't be read; `usage` says how it is written. */
  | { readonly kind: "misused"; readonly word: string; readonly usage: string }
  | { readonly kind: "unknown"; readonly word: string };

interface Arguments {
  /** The rest of the command's line. */
  readonly line: string;
  /** The rest of the comment from there on. */
  readonly all: string;
  readonly scope: ReferenceScope;
}

const COMMAND = /^(?:\/([a-z][a-z0-9_-]{0,30})|(:approved:))(?=\s|$)/i;
const LONGEST_REASON = 4_000;

const USAGE = {
  approve: "/approve [commit]",
  reject: "/reject <reason>",
  unblock: "/unblock #<number>",
  rollback: `/rollback [${STAGES.filter((stage) => stage !== "done").join("|")}]`,
  budget: "/budget +<amount>",
} as const;

const READERS: ReadonlyMap<string, (given: Arguments) => Command> = new Map([
  ["approve", readApprove],
  ["reject", readReject],
  ["retry", readRetry],
  ["cancel", (): Command => ({ kind: "cancel" })],
  ["status", (): Command => ({ kind: "status" })],
  ["unblock", readUnblock],
  ["rollback", readRollback],
  ["budget", readBudget],
]);

/**
 * The command in a comment: its first line that isn't empty, outside quotes and code, must begin with
 * it. Null: the comment is just a comment.
 */
export function parseCommand(comment: string, scope: ReferenceScope = {}): Command | null {
  const first = proseLines(comment).find((line) => line.text.trim() !== "");
  const line = first?.text.trim() ?? "";
  const found = COMMAND.exec(line);
  if (first === undefined || found === null) return null;
  const rest = line.slice(found[0].length).trim();
  if (found[2] !== undefined) return { kind: "approve", sha: commitIn(rest) };
  const word = (found[1] ?? "").toLowerCase();
  const following = splitLines(comment).slice(first.index + 1);
  const all = [rest, ...following].join("\n").trim();
  return READERS.get(word)?.({ line: rest, all, scope }) ?? { kind: "unknown", word };
}

function commitIn(rest: string): string | null {
  return /^`?([0-9a-f]{7,64})`?(?=\s|$)/i.exec(rest)?.[1]?.toLowerCase() ?? null;
}

/** Words that aren't a commit are refused: a mistyped one must not approve another. */
function readApprove({ line }: Arguments): Command {
  const sha = commitIn(line);
  return line === "" || sha !== null ? { kind: "approve", sha } : misused("approve");
}

/** Whatever else is said allows nothing. */
function readRetry({ line }: Arguments): Command {
  return line.toLowerCase() === "protected"
    ? { kind: "retry", allowProtected: true }
    : { kind: "retry" };
}

function readReject({ all }: Arguments): Command {
  return all === "" ? misused("reject") : { kind: "reject", reason: all.slice(0, LONGEST_REASON) };
}

function readUnblock({ line, scope }: Arguments): Command {
  const written = /^\d{1,10}$/.test(line) ? `#${line}` : line;
  const [found, ...others] = findReferences(written, scope);
  const alone = found?.start === 0 && found.end === written.length && others.length === 0;
  return alone ? { kind: "unblock", blocker: found.reference } : misused("unblock");
}

function readRollback({ line }: Arguments): Command {
  if (line === "") return { kind: "rollback", stage: null };
  const stage = STAGES.find((known) => known === line.toLowerCase());
  return stage === undefined || stage === "done"
    ? misused("rollback")
    : { kind: "rollback", stage };
}

function readBudget({ line }: Arguments): Command {
  const [, digits, suffix = ""] = /^\+\s?\$?(\d{1,12}(?:\.\d{1,6})?)\s?([km]?)$/i.exec(line) ?? [];
  const add = Number(digits) * ({ k: 1_000, m: 1_000_000 }[suffix.toLowerCase()] ?? 1);
  return add > 0 ? { kind: "budget", add } : misused("budget");
}

function misused(word: keyof typeof USAGE): Command {
  return { kind: "misused", word, usage: USAGE[word] };
}
