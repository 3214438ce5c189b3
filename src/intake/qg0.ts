import { withoutHtmlComments, withoutInvisible } from "./invisible.js";

/** Characters a description needs so that an analyst has something to start from. */
export const LEAST_DESCRIPTION = 20;

/**
 * QG-0, the admission check: an item needs a name and a description of at least 20 characters that a
 * person can see. Returns what is missing, each as a sentence for the comment; empty: admitted.
 */
export function missingForAdmission(issue: {
  readonly title: string;
  readonly text: string;
}): string[] {
  const missing: string[] = [];
  if (visibleLength(issue.title) === 0) missing.push("A name is missing.");
  const length = visibleLength(issue.text);
  if (length === 0) missing.push("A description is missing.");
  else if (length < LEAST_DESCRIPTION) {
    missing.push(
      `The description has ${length} characters; at least ${LEAST_DESCRIPTION} are needed.`,
    );
  }
  return missing;
}

/** In characters as people count them roughly: code points, without space around. */
function visibleLength(text: string): number {
  return [...withoutInvisible(withoutHtmlComments(text)).trim()].length;
}
