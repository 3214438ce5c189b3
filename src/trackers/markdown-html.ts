import markdownIt from "markdown-it";

/**
 * Markdown as the HTML that Plane takes. Tags in the text stay text, and links with a scheme that
 * runs code (`javascript:`, `data:`) aren't made: what agents and issues say is not trusted.
 */
export function htmlFromMarkdown(markdown: string): string {
  return renderer().render(markdown).trim();
}

/** Images are left out: one in a comment would make every reader's browser call an address of the writer's choice. */
function renderer(): ReturnType<typeof markdownIt> {
  return markdownIt({ html: false, linkify: false, breaks: true }).disable("image");
}
