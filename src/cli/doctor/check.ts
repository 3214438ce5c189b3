import { setTimeout as pause } from "node:timers/promises";

export type Level = "ok" | "warn" | "fail";

/** What a check found; `mend` is what to do about it, null where there is nothing to do. */
export interface Finding {
  readonly level: Level;
  readonly says: string;
  readonly mend: string | null;
}

export interface Line extends Finding {
  readonly name: string;
}

/** Looks at one thing. What it throws is its finding: none stops the others. */
export interface Check {
  readonly name: string;
  look(): Promise<readonly Finding[]>;
}

/** Longer than the limits of the calls within a check, which say more than a time that is over. */
const LONGEST_MS = 15_000;

export const ok = (says: string): Finding => ({ level: "ok", says, mend: null });
export const warn = (says: string, mend: string): Finding => ({ level: "warn", says, mend });
export const fail = (says: string, mend: string): Finding => ({ level: "fail", says, mend });

/** All at once, each bounded in time; the lines in the order of the checks. */
export async function runChecks(
  checks: readonly Check[],
  longestMs = LONGEST_MS,
): Promise<readonly Line[]> {
  const looks = checks.map(async (check) => {
    const found = await findingsOf(check, longestMs);
    return found.map((finding) => ({ name: check.name, ...finding }));
  });
  return (await Promise.all(looks)).flat();
}

async function findingsOf(check: Check, longestMs: number): Promise<readonly Finding[]> {
  const over = new AbortController();
  const late = pause(longestMs, null, { signal: over.signal });
  try {
    const found = await Promise.race([check.look(), late]);
    if (found !== null) return found;
    const says = `no answer within ${longestMs / 1_000} s`;
    return [fail(says, "look whether what it asks is overloaded or behind a firewall")];
  } catch (error) {
    return [fail(wordsOf(error), "mend what it says, and run this again")];
  } finally {
    over.abort();
    await Promise.allSettled([late]);
  }
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** For what several checks need to know. */
export function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | null = null;
  return () => {
    asked ??= ask();
    return asked;
  };
}
