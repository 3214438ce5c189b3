import { html } from "hono/html";

/**
 * Markup as a tagged template: whatever is put into it is escaped, unless it is markup itself. `raw`
 * is deliberately not offered here.
 */
export { html };
export type Html = ReturnType<typeof html>;
