import type { z } from "zod";

type Path = readonly PropertyKey[];

/** One known place of the file: its path, `*` for any entry of a list or a map, and its keys. */
export interface KnownKeys {
  readonly path: Path;
  readonly keys: readonly string[];
}

/** zod's issues as lines a person can act on; an unknown key is answered with the nearest known one. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], known: readonly KnownKeys[]) {
  return issues.flatMap((issue): string[] => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => describeUnknownKey(issue.path, key, known));
    }
    if (issue.code === "invalid_key") {
      const why = issue.issues[0]?.message ?? issue.message;
      return [`${formatPath(issue.path)}: ${why}`];
    }
    const text = issue.message.replace(/^Invalid (input|option): /, "");
    return [`${formatPath(issue.path)}: ${text}`];
  });
}

/** Passed to zod, so that an absent key reads as what it is. */
export function sayMissing(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.code === "invalid_type" && issue.input === undefined ? "is missing" : undefined;
}

/** `projects[0].gates.tests-local.command` */
export function formatPath(path: Path): string {
  if (path.length === 0) return "the file";
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}

function describeUnknownKey(path: Path, key: string, known: readonly KnownKeys[]): string {
  const here = known.filter((place) => matches(place.path, path)).flatMap((place) => place.keys);
  const near = nearest(key, here);
  const hint =
    near !== undefined
      ? `did you mean \`${near}\`?`
      : `known here: ${[...new Set(here)].join(", ")}`;
  return `${formatPath([...path, key])}: unknown key; ${hint}`;
}

function matches(pattern: Path, path: Path): boolean {
  return (
    pattern.length === path.length &&
    pattern.every((part, index) => part === "*" || part === path[index])
  );
}

function nearest(word: string, candidates: readonly string[]): string | undefined {
  const bound = Math.max(1, Math.floor(word.length / 3));
  return candidates
    .map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ far }) => far <= bound)
    .sort((a, b) => a.far - b.far)[0]?.candidate;
}

/** Levenshtein's, one row at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
