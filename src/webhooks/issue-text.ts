import { z } from "zod";
import type { TrackerName } from "../domain/issue.js";
import { textOfHtml } from "./plane/html-text.js";

const giteaSchema = z.object({ issue: z.object({ body: z.string().nullish() }) });
const planeSchema = z.object({
  data: z.object({
    description_html: z.string().nullish(),
    description_stripped: z.string().nullish(),
  }),
});

/**
 * The issue's text in a stored raw body: Markdown in Gitea, reduced HTML in Plane. Plane's own
 * `description_stripped` runs lines together ("NaN.See log"), so it serves only where there is no HTML.
 * Null: the body isn't an issue's, or no longer readable.
 */
export function issueTextOf(source: TrackerName, body: string): string | null {
  const json = parsed(body);
  if (source === "gitea") {
    const { success, data } = giteaSchema.safeParse(json);
    return success ? (data.issue.body ?? "") : null;
  }
  const { success, data } = planeSchema.safeParse(json);
  if (!success) return null;
  const { description_html: html, description_stripped: stripped } = data.data;
  return (html ? textOfHtml(html) : "") || (stripped ?? "");
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
