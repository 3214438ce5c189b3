import { type IssueKey, issueKey } from "../../domain/issue.js";
import { STAGES, type Stage } from "../../domain/stage.js";
import { ITEM_STATUSES, isFinished, type WorkItem } from "../../domain/work-item.js";
import type { Operator } from "../credentials.js";
import type { DependencyPicture } from "../dependency-picture.js";
import type { FleetFacts } from "../fleet-facts.js";
import type { ItemWithWaits } from "../item-reading.js";
import type { ItemFilter } from "../overview-reading.js";
import type { PictureLayout } from "../picture-layout.js";
import {
  ago,
  duration,
  issueName,
  many,
  place,
  said,
  sentence,
  statusPill,
  usd,
  withoutTricks,
} from "./format.js";
import { graphPicture } from "./graph.js";
import { type Html, html } from "./html.js";
import { liveLayout } from "./layout.js";

export interface OverviewView {
  readonly operator: Operator;
  readonly fleet: FleetFacts;
  readonly items: readonly ItemWithWaits[];
  /** A small one: the graph has a page of its own. */
  readonly picture: DependencyPicture;
  readonly places: PictureLayout | null;
  readonly filter: ItemFilter;
  /** Cursor of the older ones; null: these are all. */
  readonly next: string | null;
  /** False on the pages behind the first. */
  readonly newest: boolean;
  readonly now: Date;
}

/** Items by stage, as columns on a desktop and one below the other on a phone. */
export async function overviewPage(view: OverviewView): Promise<string> {
  const { project, status } = view.filter;
  const unfiltered = project === null && status === null;
  const nothing = view.items.length === 0 && view.newest && view.next === null && unfiltered;
  const main = nothing ? emptyState(view.fleet) : board(view);
  return String(await liveLayout("Overview", view.operator, main, "/events", "/"));
}

function board(view: OverviewView): Html {
  return html`<div class="heading">
<h1>Overview</h1>
${filterForm(view)}
<p class="counts" id="by-status">${byStatus(view)}</p>
<nav class="counts stage-links" id="by-stage" aria-label="Stages">${byStage(view)}</nav>
</div>
${graph(view)}
${view.items.length === 0 ? html`<p class="hint">No item fits${view.next === null ? "" : " among the newest"}.</p>` : ""}
<div class="stages${view.filter.status === null ? "" : " filtered"}">${STAGES.map((stage) => column(stage, view))}</div>
${older(view)}`;
}

function filterForm({ fleet, filter }: OverviewView): Html {
  const statuses = ["open", ...ITEM_STATUSES];
  return html`<form class="filter" method="get" action="/" aria-label="Filter">
<label>Project
<select name="project">${option("", "all", filter.project)}${fleet.projects.map(({ name }) => option(name, name, filter.project))}</select></label>
<label>Status
<select name="status">${option("", "all", filter.status)}${statuses.map((status) => option(status, status.replace("-", " "), filter.status))}</select></label>
<button type="submit">Show</button>
${filter.project === null && filter.status === null ? "" : html`<a href="/">Show all</a>`}
</form>`;
}

function option(value: string, text: string, chosen: string | null): Html {
  return value === (chosen ?? "")
    ? html`<option value="${value}" selected>${text}</option>`
    : html`<option value="${value}">${text}</option>`;
}

function byStatus({ items, filter, next, newest }: OverviewView): Html[] {
  const found = ITEM_STATUSES.flatMap((status) => {
    const amount = items.filter(({ item }) => item.status === status).length;
    if (amount === 0) return [];
    return [
      html`<a href="${address({ ...filter, status })}">${statusPill(status)} <span>${amount}</span></a> `,
    ];
  });
  const all = next === null && newest;
  return [
    ...found,
    html`<span class="hint">${many(items.length, "item")}${all ? "" : " on this page"}</span>`,
  ];
}

function byStage({ items }: OverviewView): Html[] {
  return STAGES.flatMap((stage) => {
    const amount = items.filter(({ item }) => item.stage === stage).length;
    return amount === 0 ? [] : [html`<a href="#stage-${stage}">${stage} ${amount}</a> `];
  });
}

function graph({ picture, places }: OverviewView): Html | string {
  if (picture.nodes.length === 0) return "";
  return html`<details id="graph-here" class="panel">
<summary>Dependency graph <span class="amount">${picture.nodes.length}</span></summary>
${graphPicture(picture, places)}
<p><a href="/graph">The whole graph, and as a list</a></p>
</details>`;
}

function column(stage: Stage, view: OverviewView): Html {
  const here = view.items.filter(({ item }) => item.stage === stage);
  const heading = `stage-${stage}`;
  const links = new Map(view.items.map(({ item }) => [issueKey(item.issue), item.id]));
  return html`<section class="stage${here.length === 0 ? " unused" : ""}" id="column-${stage}" aria-labelledby="${heading}">
<h2 id="${heading}">${stage} <span class="amount">${here.length}</span></h2>
<ul>${here.map((each) => html`<li id="card-${each.item.id}">${card(each, view, links)}</li>`)}</ul>
</section>`;
}

type Links = ReadonlyMap<IssueKey, string>;

function card({ item, waitingOn }: ItemWithWaits, view: OverviewView, links: Links): Html {
  return html`<article class="card ${item.status}">
<p class="where"><strong>${item.id}</strong> <span>${place(item, view.fleet)}</span></p>
<h3><a id="open-${item.id}" href="/items/${item.id}" title="${withoutTricks(item.title)}">${said(item.title)}</a></h3>
<p class="state">${statusPill(item.status)} <span class="reason">${sentence(item.reason)}</span></p>
${waits(waitingOn, links)}
<p class="facts">${isFinished(item) ? "" : work(item, view)}
<span>${usd(item.costUsd)}</span>
<span>${ago(item.updatedAt, view.now)}</span></p>
</article>`;
}

/** Who works on it, or worked last, and for how long. */
function work(item: WorkItem, { fleet, now }: OverviewView): Html {
  const { run } = item;
  const cap = fleet.limits.developerRuns + item.grantedRuns;
  return html`${run === null ? "" : html`<span class="unbroken">${run.role}, attempt ${run.attempt}</span> <span>${duration(run.startedAt, run.finishedAt, now)}</span>`}
<span>${item.metadata.assignedAgent}</span>
<span>${item.developerRuns}/${cap} developer runs</span>`;
}

function waits(waitingOn: ItemWithWaits["waitingOn"], links: Links): Html | string {
  if (waitingOn.length === 0) return "";
  const shown = waitingOn.slice(0, 5).map((issue, index) => {
    const item = links.get(issue) ?? null;
    const name = issueName(issue);
    const comma = index === 0 ? "" : ", ";
    return item === null
      ? html`${comma}${name}`
      : html`${comma}<a href="/items/${item}">${name}</a>`;
  });
  const rest = waitingOn.length > 5 ? ` and ${many(waitingOn.length - 5, "other")}` : "";
  return html`<p class="waits">waits for ${shown}${rest}</p>`;
}

function older({ filter, newest, next }: OverviewView): Html | string {
  const back = newest ? "" : html`<a href="${address(filter)}">Newest</a>`;
  const on = next === null ? "" : html`<a href="${address(filter, next)}">Older items</a>`;
  return back === "" && on === "" ? "" : html`<p class="pages">${back} ${on}</p>`;
}

function address({ project, status }: ItemFilter, cursor: string | null = null): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ project, status, cursor })) {
    if (value !== null) query.set(name, value);
  }
  return query.size === 0 ? "/" : `/?${query}`;
}

function emptyState(fleet: FleetFacts): Html {
  const repos = fleet.projects.flatMap(({ repo }) => (repo === null ? [] : [repo]));
  return html`<section class="empty">
<h1>Nothing is being carried yet</h1>
<p>Stagecoach starts a work item when an issue is assigned to its bot.</p>
<ol>
<li>Open an issue in ${repos.length === 0 ? "a configured project" : repos.map((repo) => html`<code>${repo}</code> `)}</li>
<li>Assign it to <code>${fleet.bot}</code></li>
<li>The tracker posts a webhook, and the item appears here</li>
</ol>
<p class="hint">Nothing appears? <code>stagecoach doctor</code> checks the webhooks, the tokens and the store, and says what to mend.</p>
</section>`;
}
