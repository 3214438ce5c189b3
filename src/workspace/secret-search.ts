import { secretForms } from "../domain/secrets.js";

/** Looks for secrets in what a patch adds; fed piece by piece, so that size doesn't matter. */
export interface SecretSearch {
  take(patch: Buffer): void;
  /** The file that would carry a secret; null: none was found. */
  found(): string | null;
}

export function carriesSecret(secrets: readonly string[], text: string): boolean {
  return secretForms(secrets).some((form) => text.includes(form));
}

/** A line longer than this is searched in pieces that overlap. */
const LONGEST_LINE = 4 * 1024 * 1024;

export function createSecretSearch(secrets: readonly string[]): SecretSearch {
  // The patch is read as bytes, so that no encoding of a file can hide or break a form.
  const forms = secretForms(secrets).map((form) => Buffer.from(form, "utf8").toString("latin1"));
  const longest = Math.max(0, ...forms.map((form) => form.length));
  const dense = forms.map(withoutSpace);
  const hasSecret = (seen: Seen) =>
    forms.some((form) => seen.plain.includes(form)) ||
    dense.some((form) => seen.dense.includes(form));
  let pending = "";
  let file = "";
  let inHunk = false;
  let found: string | null = null;
  let added = windows(longest);

  const line = (text: string): void => {
    if (text.startsWith("diff --git ")) {
      file = text.slice("diff --git ".length);
      inHunk = false;
      added = windows(longest);
    } else if (text.startsWith("@@ ")) {
      inHunk = true;
    } else if (inHunk && text.startsWith("+")) {
      if (hasSecret(added.take(`${text.slice(1)}\n`))) found = nameOf(file);
    }
  };

  return {
    take(patch) {
      if (found !== null) return;
      const lines = (pending + patch.toString("latin1")).split("\n");
      pending = lines.pop() ?? "";
      for (const text of lines) line(text);
      if (pending.length > LONGEST_LINE && inHunk) {
        line(pending);
        pending = pending.slice(0, 1) + pending.slice(-longest);
      }
    },
    found() {
      if (found === null && pending !== "") line(pending);
      pending = "";
      return found;
    },
  };
}

interface Seen {
  readonly plain: string;
  readonly dense: string;
}

/**
 * The text as it is, and without white space and zero bytes: encoded data is often wrapped, and in
 * UTF-16 a zero follows each letter. Both overlap.
 */
function windows(overlap: number) {
  let last: Seen = { plain: "", dense: "" };
  return {
    take(text: string): Seen {
      const seen = { plain: last.plain + text, dense: last.dense + withoutSpace(text) };
      last = { plain: tail(seen.plain, overlap), dense: tail(seen.dense, overlap) };
      return seen;
    },
  };
}

function withoutSpace(text: string): string {
  return text.replace(/[\s\0]+/g, "");
}

function tail(text: string, length: number): string {
  return length === 0 ? "" : text.slice(-length);
}

/** `a/src/x.ts b/src/x.ts` → `src/x.ts` */
function nameOf(header: string): string {
  return header.slice(2, (header.length - 1) / 2);
}
