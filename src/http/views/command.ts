import { isFinished, type WorkItem } from "../../domain/work-item.js";
import type { Operator } from "../credentials.js";
import { said, sentence, shortSha, statusPill } from "./format.js";
import { type Html, html } from "./html.js";
import { layout } from "./layout.js";

/** Command → what it does, as people are asked whether they mean it. */
const COMMANDS = {
  approve: "Approve what the last run left; its gate then looks.",
  retry: "Let it go on from where it stands; where no developer run is left, this grants one.",
  cancel: "End it for good and stop its agent. Nobody goes on unless the issue is assigned again.",
} as const;

export type CommandName = keyof typeof COMMANDS;
const NAMES = Object.keys(COMMANDS) as CommandName[];

export function isCommandName(text: string): text is CommandName {
  return Object.hasOwn(COMMANDS, text);
}

/** Links to the commands an admin may give; nothing for viewers and finished items. */
export function commandLinks(operator: Operator, item: WorkItem): Html | string {
  if (operator.role !== "admin" || isFinished(item)) return "";
  return html`<nav class="commands" aria-label="Commands">
${NAMES.map((name) => html`<a class="button${isAsked(item, name) ? " asked" : ""}" href="/items/${item.id}/${name}">${titleOf(name)}</a>`)}
</nav>`;
}

/** Is the item waiting for this very command? */
function isAsked({ status }: WorkItem, name: CommandName): boolean {
  if (name === "approve") return status === "awaiting-approval";
  return name === "retry" && (status === "failed" || status === "blocked");
}

/** Asks whether the command is meant. */
export async function confirmPage(
  operator: Operator,
  item: WorkItem,
  name: CommandName,
): Promise<string> {
  const commit = name === "approve" ? (item.approvalRequested ?? item.head) : null;
  const bound = commit === null ? "" : `?commit=${commit}`;
  const main = html`${heading(item, `${titleOf(name)} ${item.id}?`)}
<section>
<p>${COMMANDS[name]}</p>
${commit === null ? "" : html`<p>It is of commit ${shortSha(commit)}.</p>`}
<form class="commands" method="post" action="/items/${item.id}/${name}${bound}">
<button class="${name === "cancel" ? "grave" : "asked"}" type="submit">${titleOf(name)} ${item.id}</button> <a href="/items/${item.id}">Back</a>
</form></section>`;
  return String(await layout(`${titleOf(name)} ${item.id}`, operator, main));
}

/** Says why nothing follows. */
export async function refusedPage(
  operator: Operator,
  item: WorkItem,
  name: CommandName,
  reason: string,
): Promise<string> {
  const main = html`${heading(item, `${titleOf(name)}: nothing was changed`)}
<section><p>${sentence(reason)}</p><p><a href="/items/${item.id}">Back to ${item.id}</a></p></section>`;
  return String(await layout(`${titleOf(name)} ${item.id}`, operator, main));
}

function heading(item: WorkItem, title: string): Html {
  return html`<div class="heading">
<p class="where"><a href="/items/${item.id}">${item.id}</a> <span>${said(item.title)}</span></p>
<h1>${title}</h1>
<p>${statusPill(item.status)} in ${item.stage}: <span class="reason">${sentence(item.reason)}</span></p>
</div>`;
}

function titleOf(name: CommandName): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
