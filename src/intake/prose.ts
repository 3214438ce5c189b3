/** A line a person wrote as text; `index` is its place among the lines of the whole. */
export interface ProseLine {
  readonly index: number;
  readonly text: string;
}

const FENCE = /^\s*(?:(?:[-*+•]|\d{1,9}[.)])\s+)?(`{3,}|~{3,})([^\n]*)/;
const LIST_ITEM = /^\s*(?:[-*+•]|\d{1,9}[.)])\s/;
const INDENTED = /^(?: {4}|\t)/;

export function splitLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}

/**
 * The lines outside fenced and indented code, quotes and HTML comments: what the author says now, as
 * against what is shown, quoted or hidden. Comments inside a line are cut out of it. Works in time
 * proportional to the text, whatever it holds.
 */
export function proseLines(text: string): ProseLine[] {
  const lines = splitLines(text.replace(/^\uFEFF/, ""));
  const comments = commentCutter(lines);
  const fences = fenceTracker();
  const indented = indentedCodeTracker();
  const prose: ProseLine[] = [];
  for (const [index, line] of lines.entries()) {
    const visible = fences.inside() ? line : comments.cut(line, index);
    if (visible === null || fences.takes(visible)) continue;
    if (/^\s*>/.test(visible) || indented.takes(visible)) continue;
    prose.push({ index, text: visible });
  }
  return prose;
}

/** Follows ``` and ~~~ fences; one that is never closed reaches to the end. */
function fenceTracker() {
  let open: string | null = null;
  return {
    inside: () => open !== null,
    takes(line: string): boolean {
      const found = FENCE.exec(line);
      const marker = found?.[1];
      const info = found?.[2] ?? "";
      if (open !== null) {
        const closes = marker?.startsWith(open) === true && info.trim() === "";
        if (closes) open = null;
        return true;
      }
      if (marker === undefined || (marker.startsWith("`") && info.includes("`"))) return false;
      open = marker;
      return true;
    },
  };
}

/** Indented text is code only after a blank line and outside lists, where it is a nested item. */
function indentedCodeTracker() {
  let afterBlank = true;
  let inList = false;
  let inCode = false;
  return {
    takes(line: string): boolean {
      if (line.trim() === "") {
        afterBlank = true;
        return false;
      }
      const deep = INDENTED.test(line);
      inCode = deep && !inList && (inCode || afterBlank);
      if (LIST_ITEM.test(line) && !inCode) inList = true;
      else if (!/^\s/.test(line)) inList = false;
      afterBlank = false;
      return inCode;
    },
  };
}

/**
 * Cuts HTML comments, which may span lines. One that is never closed hides the rest only at the start
 * of a line, as Markdown has it.
 */
function commentCutter(lines: readonly string[]) {
  const lastClosing = lines.findLastIndex((line) => line.includes("-->"));
  let inside = false;
  return {
    /** Null: the whole line is in a comment. */
    cut(line: string, index: number): string | null {
      let kept = "";
      let from = 0;
      if (inside) {
        const end = line.indexOf("-->");
        if (end === -1) return null;
        inside = false;
        from = end + 3;
      }
      for (;;) {
        const start = openingOutsideCode(line, from);
        if (start === -1) return kept + line.slice(from);
        kept += line.slice(from, start);
        const end = line.indexOf("-->", start + 4);
        if (end !== -1) {
          from = end + 3;
          continue;
        }
        inside = index < lastClosing || kept.trim() === "";
        return inside ? kept : kept + line.slice(start);
      }
    },
  };
}

/** Where the next `<!--` stands that isn't in `inline code` begun after `from`. */
function openingOutsideCode(line: string, from: number): number {
  let inCode = false;
  for (let at = from; at < line.length; at++) {
    if (line[at] === "`") inCode = !inCode;
    else if (!inCode && line[at] === "<" && line.startsWith("<!--", at)) return at;
  }
  return -1;
}
