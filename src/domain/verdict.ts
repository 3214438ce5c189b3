/** A full commit hash. */
export type Sha = string;

/** A hash short enough for a sentence. */
export function shortSha(commit: Sha): string {
  return commit.slice(0, 10);
}

/** What a gate says. Stored in the item's history with its evidence. */
export interface Verdict {
  readonly gate: string;
  readonly passed: boolean;
  /** One sentence a person can read. */
  readonly reason: string;
  /** Tail of a command's output, the artifact's text, the list of contexts: at most some KB, masked. */
  readonly evidence: string;
  readonly commit: Sha | null;
  /** True while the answer isn't in yet (CI pending, approval awaited): waits, and is never reported as a failure. */
  readonly pending?: boolean;
  /** True where the fleet's configuration is at fault: no agent can mend it, so a person is told. */
  readonly misconfigured?: boolean;
  /** Artifacts a rerun's prompt or a rollback's comment quotes: name → text. */
  readonly findings?: { readonly artifact: string; readonly text: string };
}

/** What a verdict file states: its word in upper case, or why it can't be read. */
export type StatedVerdict =
  | { readonly kind: "stated"; readonly word: string }
  | { readonly kind: "unreadable"; readonly reason: string };

/** `verdict: WORD`, in a list, as a heading, in bold; the word may be two joined by a dash or space. */
const VERDICT_LINE =
  /^[\s*_#-]*verdict[*_\s]*:[*_\s]*["'`]?([a-z]+(?:[ _-][a-z]+)?)["'`]?[*_.\s]*$/i;
/** Longer lines are prose; the bound also keeps the pattern cheap on hostile text. */
const LONGEST_LINE = 200;

/**
 * Reads `verdict: WORD` from front matter or from a line of its own, in any case.
 * Front matter wins; several lines that disagree are unreadable, since a gate must not choose.
 */
export function readStatedVerdict(text: string): StatedVerdict {
  const frontMatter = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/.exec(text)?.[1];
  const fromFrontMatter = frontMatter === undefined ? [] : verdictWords(frontMatter);
  const words = fromFrontMatter.length > 0 ? fromFrontMatter : verdictWords(text);
  const distinct = [...new Set(words)];
  if (distinct.length === 1 && distinct[0] !== undefined) {
    return { kind: "stated", word: distinct[0] };
  }
  return {
    kind: "unreadable",
    reason:
      distinct.length === 0
        ? "it has no line `verdict: …`"
        : `it states more than one verdict (${distinct.slice(0, 5).join(", ")})`,
  };
}

/** Verdict lines outside quotes, fenced code and HTML comments, which only show or hide others' words. */
function verdictWords(text: string): string[] {
  let fence: string | null = null;
  let commented = false;
  const words: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const marker = commented ? undefined : /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (marker !== undefined) {
      if (fence === null) fence = marker;
      else if (marker.startsWith(fence)) fence = null;
    } else if (fence === null) {
      const word = commented || line.length > LONGEST_LINE ? null : VERDICT_LINE.exec(line);
      if (word?.[1] !== undefined) words.push(word[1].toUpperCase().replace(/[ -]/g, "_"));
      commented = staysCommented(line, commented);
    }
  }
  return words;
}

/** Is a comment open after this line? */
function staysCommented(line: string, before: boolean): boolean {
  const opened = line.lastIndexOf("<!--");
  const closed = line.lastIndexOf("-->");
  if (opened === -1 && closed === -1) return before;
  return opened > closed;
}
