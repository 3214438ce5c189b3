/** Telegram's HTML mode knows these three as special. */
export function escapedHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/**
 * Cuts text into parts of at most `limit` UTF-16 units, at a line's end, else at a space, else
 * anywhere but inside a character. Done before escaping, which would otherwise be cut apart.
 */
export function splitText(text: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = text.trim();
  while (rest.length > limit) {
    const end = cut(rest, limit);
    parts.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  if (rest !== "") parts.push(rest);
  return parts;
}

/** A part shorter than half would be more messages than text. */
function cut(text: string, limit: number): number {
  const window = text.slice(0, limit + 1);
  for (const gap of ["\n", " "]) {
    const at = window.lastIndexOf(gap);
    if (at >= limit / 2) return at;
  }
  const splitsPair = /[\uD800-\uDBFF]/.test(text.charAt(limit - 1));
  return splitsPair ? limit - 1 : limit;
}
