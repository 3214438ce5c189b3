import type { Operator } from "../credentials.js";
import { type Html, html } from "./html.js";

/** The frame of every page; `operator` null: nobody is logged in yet. */
export function layout(title: string, operator: Operator | null, main: Html): Html {
  return frame({ title, operator, main: html`<main id="main">${main}</main>`, live: false });
}

/**
 * A page that keeps itself current by the events at `events`, where scripts run. `here`: the entry of
 * the menu that leads to it, if one does.
 */
export function liveLayout(
  title: string,
  operator: Operator,
  main: Html,
  events: string,
  here?: MenuEntry,
): Html {
  const element = html`<main id="main" data-events="${events}">${main}</main>`;
  return frame({ title, operator, main: element, live: true, here });
}

const MENU = { "/": "Overview", "/graph": "Graph", "/board": "Queues" } as const;
export type MenuEntry = keyof typeof MENU;

interface Frame {
  readonly title: string;
  readonly operator: Operator | null;
  readonly main: Html;
  readonly live: boolean;
  readonly here?: MenuEntry | undefined;
}

function frame({ title, operator, main, live, here }: Frame): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · Stagecoach</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/stagecoach.css">
${live ? html`<script type="module" src="/assets/live.js"></script>` : ""}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="/">Stagecoach</a>
${operator === null ? "" : menu(operator, live, here)}
</header>
${main}
</body>
</html>
`;
}

function menu(operator: Operator, live: boolean, here: MenuEntry | undefined): Html {
  return html`<nav aria-label="Main">${Object.entries(MENU).map(([path, name]) => (path === here ? html`<a href="${path}" aria-current="page">${name}</a> ` : html`<a href="${path}">${name}</a> `))}</nav>
${live ? html`<p id="live" class="live" hidden></p><p id="news" class="unseen" role="status"></p>` : ""}
<form class="who" method="post" action="/logout">
<span>${operator.username}${operator.role === "viewer" ? " (read-only)" : ""}</span>
<button type="submit">Log out</button>
</form>`;
}
