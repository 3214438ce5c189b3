import type { Operator } from "../credentials.js";
import { html } from "./html.js";
import { layout } from "./layout.js";

/** A page that says why there is nothing else to see. `operator` null: nobody is known to be logged in. */
export async function messagePage(
  operator: Operator | null,
  title: string,
  text: string,
): Promise<string> {
  const main = html`<section class="empty"><h1>${title}</h1><p>${text}</p>
<p><a href="/">Back to the overview</a></p></section>`;
  return String(await layout(title, operator, main));
}

/** A page for what isn't there. */
export function missingPage(operator: Operator | null, what: string): Promise<string> {
  return messagePage(operator, "Not found", what);
}
