import { html } from "./html.js";
import { layout } from "./layout.js";

/** The login form; `next` is where to go afterwards. */
export async function loginPage(view: { next: string; problem?: string }): Promise<string> {
  const form = html`<section class="login">
<h1>Log in</h1>
${view.problem === undefined ? "" : html`<p class="problem" role="alert">${view.problem}</p>`}
<form method="post" action="/login">
<input type="hidden" name="next" value="${view.next}">
<label for="username">Name</label>
<input id="username" name="username" autocomplete="username" required maxlength="200" autocapitalize="none" spellcheck="false">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1000">
<button type="submit">Log in</button>
</form>
<p class="hint">No password was set? Stagecoach made one when it started, and printed it next to a link that logs in.</p>
</section>`;
  return String(await layout("Log in", null, form));
}
