import { STAGES, type Stage } from "../../domain/stage.js";
import { ITEM_STATUSES } from "../../domain/work-item.js";
import type { Operator } from "../credentials.js";
import type { FleetFacts } from "../fleet-facts.js";
import type { ItemWithWaits } from "../item-reading.js";
import { ago, issueName, many, place, said, statusPill, usd } from "./format.js";
import { type Html, html } from "./html.js";
import { layout } from "./layout.js";

export interface OverviewView {
  readonly operator: Operator;
  readonly fleet: FleetFacts;
  readonly items: readonly ItemWithWaits[];
  /** Cursor of the older ones; null: these are all. */
  readonly next: string | null;
  /** False on the pages behind the first. */
  readonly newest: boolean;
  readonly now: Date;
}

/** Items by stage, as columns on a desktop and one below the other on a phone. */
export async function overviewPage(view: OverviewView): Promise<string> {
  const nothing = view.items.length === 0 && view.newest;
  const main = nothing ? emptyState(view.fleet) : columns(view);
  return String(await layout("Overview", view.operator, main));
}

function columns(view: OverviewView): Html {
  return html`<div class="heading">
<h1>Overview</h1>
<p class="counts">${counts(view.items)}</p>
</div>
<div class="stages">${STAGES.map((stage) => column(stage, view))}</div>
${older(view)}`;
}

function counts(items: readonly ItemWithWaits[]): Html[] {
  return ITEM_STATUSES.flatMap((status) => {
    const amount = items.filter(({ item }) => item.status === status).length;
    return amount === 0 ? [] : [html`<span>${statusPill(status)} ${amount}</span> `];
  });
}

function column(stage: Stage, view: OverviewView): Html {
  const here = view.items.filter(({ item }) => item.stage === stage);
  const heading = `stage-${stage}`;
  return html`<section class="stage" aria-labelledby="${heading}">
<h2 id="${heading}">${stage} <span class="amount">${here.length}</span></h2>
<ul>${here.map((each) => html`<li>${card(each, view)}</li>`)}</ul>
</section>`;
}

function card({ item, waitingOn }: ItemWithWaits, view: OverviewView): Html {
  const { developerRuns: cap } = view.fleet.limits;
  return html`<article class="card ${item.status}">
<p class="where"><a href="/items/${item.id}">${item.id}</a> <span>${place(item, view.fleet)}</span></p>
<h3><a href="/items/${item.id}">${said(item.title)}</a></h3>
<p>${statusPill(item.status)} <span class="reason">${said(item.reason)}</span></p>
${waits(waitingOn)}
<p class="facts"><span>${item.project}</span>
<span>${item.metadata.assignedAgent}</span>
<span>${item.developerRuns}/${cap + item.grantedRuns} developer runs</span>
<span>${usd(item.costUsd)}</span>
<span>${ago(item.updatedAt, view.now)}</span></p>
</article>`;
}

function waits(waitingOn: ItemWithWaits["waitingOn"]): Html | string {
  if (waitingOn.length === 0) return "";
  const shown = waitingOn.slice(0, 5).map(issueName).join(", ");
  const rest = waitingOn.length > 5 ? ` and ${many(waitingOn.length - 5, "other")}` : "";
  return html`<p class="waits">waits for ${shown}${rest}</p>`;
}

function older(view: OverviewView): Html | string {
  const back = view.newest ? "" : html`<a href="/">Newest</a>`;
  const on = view.next === null ? "" : html`<a href="/?cursor=${view.next}">Older items</a>`;
  return back === "" && on === "" ? "" : html`<p class="pages">${back} ${on}</p>`;
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
