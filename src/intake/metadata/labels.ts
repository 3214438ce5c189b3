/** What a label introduces. `loose` labels mean tokens only if the value says so. */
export type Field =
  | "total"
  | "estimate"
  | "looseEstimate"
  | "difficulty"
  | "agent"
  | "blocks"
  | "blockedBy";

/** A piece of a line under its label; an empty value stands on the lines that follow. */
export interface Labelled {
  readonly field: Field;
  readonly value: string;
}

const LABELS = new Map<string, Field>([
  ...label("total", "total estimated", "total estimate", "estimated total", "total tokens"),
  ...label("total", "total estimated context", "total estimated tokens", "total context"),
  ...label("estimate", "estimated context", "estimated tokens", "context estimate"),
  ...label("estimate", "token estimate", "estimated context tokens", "estimated token count"),
  ...label("estimate", "context size", "tokens", "token budget"),
  ...label("looseEstimate", "total", "estimate", "estimated", "estimation", "context"),
  ...label("difficulty", "difficulty", "difficulty level", "overall difficulty"),
  ...label("difficulty", "task difficulty", "issue difficulty", "estimated difficulty"),
  ...label("agent", "recommended agent", "assigned agent", "suggested agent", "agent"),
  ...label("agent", "recommended model", "suggested model", "model", "agent model"),
  ...label("blockedBy", "blocked by", "is blocked by", "blocked on", "depends on", "depends upon"),
  ...label("blockedBy", "dependencies", "dependency", "blockers", "prerequisites"),
  ...label("blocks", "blocks", "blocking", "is blocking"),
]);
const WRITTEN = [...LABELS.keys()].sort((a, b) => b.length - a.length).join("|");
/** Text without a colon may be prose, so only edges followed by a reference are read from it. */
const UNPUNCTUATED =
  /^((?:is )?blocked (?:by|on)|depends (?:on|upon)|(?:is )?blocking|blocks) (?=\S)/i;
/** Another label on the same line: "Blocked by: #160; Blocks: #162". */
const INNER = new RegExp(`[;|,.·] ?(?=(?:${WRITTEN}) ?[:：])`, "i");
const LONGEST_LABEL = 60;

function label(field: Field, ...names: string[]): [string, Field][] {
  return names.map((name) => [name, field]);
}

/** The labelled pieces of a line; none: it is a value, or prose. */
export function labelledPieces(text: string): Labelled[] {
  return text
    .split(INNER)
    .map(labelledPiece)
    .filter((piece) => piece !== null);
}

/** A heading is a label as a whole, or holds label and value. */
export function labelledHeading(text: string): Labelled[] {
  const field = LABELS.get(normalised(text));
  return field === undefined ? labelledPieces(text) : [{ field, value: "" }];
}

/** The label and value of an edge written as a sentence ("Blocked by #160"), if it is one. */
export function unpunctuatedEdge(text: string): Labelled | null {
  const found = UNPUNCTUATED.exec(text);
  const field = LABELS.get(normalised(found?.[1] ?? ""));
  return found === null || field === undefined
    ? null
    : { field, value: text.slice(found[0].length) };
}

/** Does the line have a label of its own, which isn't one of ours? */
export function hasForeignLabel(text: string): boolean {
  return /^\p{L}[\p{L} _/-]{1,40}:(?=\s|$)/u.test(text);
}

function labelledPiece(text: string): Labelled | null {
  for (const separator of [/[:：=]/, / ?\|/, / [-–—] /]) {
    const row = text.replace(/^\| ?/, "");
    const found = separator.exec(row.slice(0, LONGEST_LABEL + 3));
    if (found === null) continue;
    const field = LABELS.get(normalised(row.slice(0, found.index)));
    const value = row.slice(found.index + found[0].length);
    if (field !== undefined) return { field, value: value.replace(/[| ]{1,20}$/, "").trim() };
  }
  return null;
}

/** "3. Estimated_context" → "estimated context": letters only, as a person hears it. */
function normalised(written: string): string {
  if (written.length > LONGEST_LABEL) return "";
  return written
    .toLowerCase()
    .replace(/[^\p{L}]+/gu, " ")
    .trim();
}
