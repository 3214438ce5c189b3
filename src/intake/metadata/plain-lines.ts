import { withoutInvisible } from "../invisible.js";
import { proseLines } from "../prose.js";
import { isIssueLink } from "../references.js";

/** One line of an issue, stripped of how it looks. */
export interface PlainLine {
  /** `underlined`: text above a rule, a heading in Markdown though often not meant as one. */
  readonly kind: "blank" | "heading" | "underlined" | "list" | "text";
  /** Columns before it; a tab counts four. */
  readonly indent: number;
  /** Null: no checkbox. */
  readonly checked: boolean | null;
  /** Without bullet, emphasis, links' wrapping, tags and parentheses; spaces are single. */
  readonly text: string;
}

const HEADING = /^#{1,6}\s/;
const UNDERLINE = /^\s{0,3}(?:={2,}|-{2,})\s{0,9}$/;
const BULLET = /^(?:[•‣◦▪]\s{0,9}|[-*+–—]\s{1,9}|\d{1,9}[.)]\s{1,9})/;
const CHECKBOX = /^\[([ xX])\]\s{1,9}/;
/** Every quantifier has a bound: the search stays linear on hostile text. */
const LINK = /!?\[([^[\]]{0,300})\]\(<?([^()<>\s]{1,1000})>?(?:\s[^()]{0,300})?\)/g;
const STRUCK = /~~[^~]{1,1000}~~/g;
const TAG = /<\/?[a-z][a-z0-9]{0,15}(?:\s[^<>]{0,300})?\/?>/gi;
const UNDERSCORES = /(?<!\w)_{1,3}|_{1,3}(?!\w)/g;

/** The issue's own words, line by line, ready to be read for labels. */
export function plainLines(text: string): PlainLine[] {
  const plain: PlainLine[] = [];
  for (const { text: line } of proseLines(withoutInvisible(text))) {
    const before = plain.at(-1);
    if (UNDERLINE.test(line) && before?.kind === "text") {
      plain[plain.length - 1] = { ...before, kind: "underlined" };
    } else {
      plain.push(plainLine(line));
    }
  }
  return plain;
}

function plainLine(line: string): PlainLine {
  const written = line.trimStart();
  const indent = line.slice(0, line.length - written.length).replaceAll("\t", "    ").length;
  if (written === "") return { kind: "blank", indent, checked: null, text: "" };
  if (HEADING.test(written)) {
    const title = written.replace(/^#{1,6}/, "").replace(/\s#{1,6}\s{0,9}$/, "");
    return { kind: "heading", indent, checked: null, text: plainText(title) };
  }
  const bullet = BULLET.exec(written)?.[0] ?? "";
  const item = written.slice(bullet.length);
  const box = CHECKBOX.exec(item);
  return {
    kind: bullet === "" ? "text" : "list",
    indent,
    checked: box === null ? null : box[1] !== " ",
    text: plainText(item.slice(box?.[0].length ?? 0)),
  };
}

function plainText(line: string): string {
  const unwrapped = line
    .replace(LINK, (_, text: string, url: string) => (isIssueLink(url) ? ` ${url} ` : text))
    .replace(STRUCK, " ")
    .replace(TAG, "")
    .replace(/[*`]/g, "")
    .replace(UNDERSCORES, "");
  return withoutParentheses(unwrapped).replace(/\s+/g, " ").trim();
}

/** Parentheses hold remarks, nested ones too; one that isn't closed holds the rest of the line. */
function withoutParentheses(line: string): string {
  let depth = 0;
  let kept = "";
  for (const character of line) {
    if (character === "(") depth++;
    else if (character === ")" && depth > 0) depth--;
    else if (depth === 0) kept += character;
  }
  return kept;
}
