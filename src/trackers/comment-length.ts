/**
 * Bytes a comment may have. Gitea on a MySQL that was set up years ago keeps 65,535 and refuses the
 * rest with an internal error; the margin is for the marker. Plane takes far more.
 */
const MAX_BYTES = 60_000;
/** Room for the note and a closing fence. */
const NOTE_BYTES = 200;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** The beginning of a text that is too long for a comment, with a note of how much is left out. */
export function fittingComment(markdown: string): string {
  if (Buffer.byteLength(markdown) <= MAX_BYTES) return markdown;
  const kept = wholeLines(wholeCharacters(markdown, MAX_BYTES - NOTE_BYTES));
  const left = markdown.length - kept.length;
  const note = `_Shortened: ${left.toLocaleString("en-US")} more characters._`;
  return [kept, ...openFence(kept), "", note].join("\n");
}

function wholeCharacters(text: string, bytes: number): string {
  return Buffer.from(text)
    .subarray(0, bytes)
    .toString("utf8")
    .replace(/\uFFFD{1,3}$/, "");
}

/** Cuts at the last line's end, unless that line is most of the text. */
function wholeLines(text: string): string {
  const end = text.lastIndexOf("\n");
  return end > text.length / 2 ? text.slice(0, end) : text;
}

/** What closes a code block that the cut left open, so that the note isn't code. */
function openFence(text: string): string[] {
  let open: string | null = null;
  for (const line of text.split("\n")) {
    const fence = FENCE.exec(line)?.[1];
    if (fence === undefined) continue;
    if (open === null) open = fence;
    else if (fence.startsWith(open) && line.trim() === fence) open = null;
  }
  return open === null ? [] : [open];
}
