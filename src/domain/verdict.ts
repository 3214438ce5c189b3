/** A full commit hash. */
export type Sha = string;

/** What a gate says. Stored in the item's history with its evidence (SPEC §5). */
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
  /** Artifacts a rerun's prompt or a rollback's comment quotes: name → text. */
  readonly findings?: { readonly artifact: string; readonly text: string };
}

/** What a verdict file states: its word in upper case, or why it can't be read. */
export type StatedVerdict =
  | { readonly kind: "stated"; readonly word: string }
  | { readonly kind: "unreadable"; readonly reason: string };

const VERDICT_LINE = /^[\s>*_#-]*verdict[*_\s]*:[*_\s]*["']?([a-z_]+)["']?[*_.\s]*$/i;

/**
 * Reads `verdict: WORD` from front matter or from a line of its own, in any case (SPEC §5).
 * Front matter wins; several lines that disagree are unreadable, since a gate must not choose.
 */
export function readStatedVerdict(text: string): StatedVerdict {
  const frontMatter = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---/.exec(text)?.[1];
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
        : `it states more than one verdict (${distinct.join(", ")})`,
  };
}

/** Verdict lines outside fenced code, which only quotes. */
function verdictWords(text: string): string[] {
  let fenced = false;
  const words: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(```|~~~)/.test(line)) fenced = !fenced;
    const word = fenced ? undefined : VERDICT_LINE.exec(line)?.[1];
    if (word !== undefined) words.push(word.toUpperCase());
  }
  return words;
}
