/** Format and control characters nobody sees (zero-width, bidirectional, soft hyphens), but for tab and line ends. */
const INVISIBLE = /[\p{Cf}\p{Cc}]/gu;

/** The text without what a reader can't see, so that words mean to us what they mean to a person. */
export function withoutInvisible(text: string): string {
  return text.replace(INVISIBLE, (character) => (/[\t\n\r]/.test(character) ? character : ""));
}

/** Without HTML comments, which trackers don't show; one that is never closed stays. */
export function withoutHtmlComments(text: string): string {
  let kept = "";
  let from = 0;
  for (;;) {
    const start = text.indexOf("<!--", from);
    const end = start === -1 ? -1 : text.indexOf("-->", start + 4);
    if (end === -1) return kept + text.slice(from);
    kept += text.slice(from, start);
    from = end + 3;
  }
}
