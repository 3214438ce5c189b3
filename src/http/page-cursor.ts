/**
 * The store's cursors are its own business; outside they travel wrapped, so that a mistyped one is
 * told apart here and never reaches the store.
 */
/** Raised when the store's own cursors change: links to pages of before are refused, not misread. */
const MARK = "v2:";

export function pageCursor(cursor: string): string {
  return Buffer.from(MARK + cursor, "utf8").toString("base64url");
}

/** Null for anything `pageCursor` didn't make. */
export function readPageCursor(text: string): string | null {
  if (!/^[\w-]{1,400}$/.test(text)) return null;
  const decoded = Buffer.from(text, "base64url").toString("utf8");
  return decoded.startsWith(MARK) && pageCursor(decoded.slice(MARK.length)) === text
    ? decoded.slice(MARK.length)
    : null;
}
