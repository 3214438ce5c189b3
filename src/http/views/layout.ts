import type { Operator } from "../credentials.js";
import { type Html, html } from "./html.js";

export const STYLESHEET = "/assets/stagecoach.css";

/** The frame of every page; `operator` null: nobody is logged in yet. */
export function layout(title: string, operator: Operator | null, main: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · Stagecoach</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${STYLESHEET}">
</head>
<body>
<header class="top">
<a class="brand" href="/">Stagecoach</a>
${operator === null ? "" : menu(operator)}
</header>
<main>${main}</main>
</body>
</html>
`;
}

function menu(operator: Operator): Html {
  return html`<nav aria-label="Main">
<a href="/">Overview</a>
<a href="/board">Queues</a>
</nav>
<form class="who" method="post" action="/logout">
<span>${operator.username}${operator.role === "viewer" ? " (read-only)" : ""}</span>
<button type="submit">Log out</button>
</form>`;
}
