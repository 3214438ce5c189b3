/**
 * Hidden marks by which our own comments are found again. They stand on the first line, where
 * nothing quoted in the comment can forge, hide or break them.
 */
export function effectMarker(effect: string): string {
  return `<!-- stagecoach:effect:${harmless(effect)} -->`;
}

export function statusMarker(item: string): string {
  return `<!-- stagecoach:status:${harmless(item)} -->`;
}

export function withMarker(marker: string, markdown: string): string {
  return `${marker}\n${markdown}`;
}

/** Does a comment as the tracker has it carry the marker? Line ends may have been changed. */
export function startsWithMarker(body: string, marker: string): boolean {
  return body.trimStart().startsWith(marker);
}

/** An id can't end the HTML comment it stands in. */
function harmless(id: string): string {
  return id.replace(/[^\w.:#/@-]/g, "_");
}
