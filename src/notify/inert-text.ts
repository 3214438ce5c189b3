/** Invisible and direction-changing characters, which make text read other than it is. */
const DECEIVING = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
const MARKDOWN = /[\\`*_{}[\]()#+!|~-]/g;
const ZERO_WIDTH_SPACE = "\u200b";

/**
 * One line of somebody else's text that shows as it was written and does nothing: no formatting, no
 * HTML or hidden marker, no mention, no reference to another issue. At most `limit` characters.
 */
export function inertLine(text: string, limit: number): string {
  const line = text.replace(/\s+/g, " ").replace(DECEIVING, "").trim();
  const characters = [...line];
  const short = characters.length > limit ? `${characters.slice(0, limit - 1).join("")}…` : line;
  return short
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(MARKDOWN, "\\$&")
    .replace(/(@|#|!)(?=[\w])/g, `$1${ZERO_WIDTH_SPACE}`);
}

/** Text in a code span that it can't leave. */
export function inertCode(text: string, limit: number): string {
  const line = text.replace(/\s+/g, " ").replace(DECEIVING, "").replaceAll("`", "'");
  return `\`${line.slice(0, limit)}\``;
}

/** A link under a label of ours; the label alone if the address isn't one a browser may be given. */
export function safeLink(label: string, address: string): string {
  if (!URL.canParse(address)) return label;
  const url = new URL(address);
  if (url.protocol !== "http:" && url.protocol !== "https:") return label;
  const target = url.href.replace(/[()<>\\]/g, (found) => `%${hex(found)}`);
  return `[${label}](${target})`;
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
}
