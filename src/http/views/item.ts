import type { IssueKey } from "../../domain/issue.js";
import type { RunRecord } from "../../domain/run.js";
import type { HistoryEntry, WorkItem } from "../../domain/work-item.js";
import type { Why } from "../../engine/why.js";
import type { Operator } from "../credentials.js";
import type { FleetFacts } from "../fleet-facts.js";
import { commandLinks } from "./command.js";
import {
  ago,
  at,
  count,
  issueName,
  place,
  said,
  sentence,
  shortSha,
  statusPill,
  tokens,
  usd,
  webLink,
  withoutTricks,
} from "./format.js";
import { type Html, html } from "./html.js";
import { liveLayout } from "./layout.js";
import { eventsOf, type LogView, logBox, runSummary } from "./run.js";

/** Of the log; the run's own page has all. */
const SHOWN_LINES = 100;

export interface ItemView {
  readonly operator: Operator;
  readonly fleet: FleetFacts;
  readonly item: WorkItem;
  readonly waitingOn: readonly IssueKey[];
  readonly why: Why | null;
  readonly history: readonly HistoryEntry[];
  readonly runs: readonly RunRecord[];
  /** Of the run that goes on, or of the last one; null: none ran. */
  readonly log: LogView | null;
  readonly now: Date;
}

/** One item: where it stands and why, its runs and verdicts, and all that happened. */
export async function itemPage(view: ItemView): Promise<string> {
  const { item } = view;
  const main = html`<div class="heading">
<p class="where">${item.id} <span>${place(item, view.fleet)}</span></p>
<h1>${said(item.title)}</h1>
<p>${statusPill(item.status)} in ${item.stage}: <span class="reason">${sentence(item.reason)}</span></p>
</div>
${commandLinks(view.operator, item)}
${whySection(view)}
${facts(view)}
${latestLog(view.log)}
${runs(view)}
${history(view)}`;
  const title = withoutTricks(`${item.id} ${item.title}`);
  return String(await liveLayout(title, view.operator, main, eventsOf(item.id, view.log)));
}

function whySection({ item, why }: ItemView): Html | string {
  if (why === null || item.status === "done") return "";
  return html`<section id="why" class="panel"><h2>What moves it on</h2>
<p>${sentence(why.summary)}</p>
<ul>${why.release.map((step) => html`<li>${sentence(step)}</li>`)}</ul></section>`;
}

function facts(view: ItemView): Html {
  const { item, waitingOn } = view;
  const { developerRuns: cap } = view.fleet.limits;
  const link = webLink(item.url);
  const rows: (readonly [string, Html | string])[] = [
    ["Project", item.project],
    ["Issue", link === null ? place(item, view.fleet) : issueLink(link, place(item, view.fleet))],
    ["Branch", html`<code>${said(item.branch)}</code>`],
    ["Pipeline", item.pipeline],
    ["Waits for", waitingOn.length === 0 ? "nothing" : waitingOn.map(issueName).join(", ")],
    ["Blocked by", references(item.metadata.blockedBy)],
    ["Blocks", references(item.metadata.blocks)],
    ["Model", item.metadata.assignedAgent],
    ["Estimate", `${count(item.metadata.estimatedContext)} tokens, ${item.metadata.difficulty}`],
    ["Developer runs", `${item.developerRuns} of ${cap + item.grantedRuns}`],
    ["Used", `${tokens(item.usage)}, ${usd(item.costUsd)}`],
    ["Version", String(item.version)],
    ["Started", at(item.createdAt)],
    ["Changed", ago(item.updatedAt, view.now)],
  ];
  return html`<section id="facts"><h2>Facts</h2>
<dl class="facts-list">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</section>`;
}

function issueLink(address: string, text: string): Html {
  return html`<a href="${address}" rel="noreferrer noopener">${text}</a>`;
}

function references(given: WorkItem["metadata"]["blocks"]): string {
  if (given.length === 0) return "nothing";
  return given.map((each) => (typeof each === "number" ? `#${each}` : each)).join(", ");
}

function latestLog(log: LogView | null): Html | string {
  if (log === null) return "";
  const { run } = log;
  return html`<section id="log"><h2>${run.ending === null ? "What its agent prints" : "Log of the last run"}</h2>
${logBox(log, SHOWN_LINES)}
<p class="facts"><a href="/items/${log.item}/runs/${run.id}">Whole log of ${run.id}</a></p></section>`;
}

function runs(view: ItemView): Html {
  const newestFirst = [...view.runs].reverse();
  return html`<section id="runs"><h2>Runs <span class="amount">${view.runs.length}</span></h2>
${newestFirst.length === 0 ? html`<p class="hint">No agent has worked on it yet.</p>` : ""}
<ul class="entries">${newestFirst.map((run) => html`<li id="run-${run.id}">${runEntry(view, run, view.now)}</li>`)}</ul>
</section>`;
}

function runEntry({ item }: ItemView, run: RunRecord, now: Date): Html {
  return html`${runSummary(run, now)}
<p class="facts"><a href="/items/${item.id}/runs/${run.id}">Log of ${run.id}</a></p>`;
}

function history(view: ItemView): Html {
  const newestFirst = [...view.history].reverse();
  return html`<section id="history"><h2>History <span class="amount">${view.history.length}</span></h2>
<ol class="entries">${newestFirst.map((entry, index) => historyEntry(entry, newestFirst.length - index))}</ol>
</section>`;
}

function historyEntry(entry: HistoryEntry, number: number): Html {
  return html`<li id="entry-${number}"><p>${what(entry)} ${entry.reason === "" ? "" : sentence(entry.reason)}</p>
<p class="facts"><span>${at(entry.at)}</span> <span>${said(entry.cause)}</span> <span>${shortSha(entry.commit)}</span></p>
${entry.evidence === "" ? "" : html`<details id="evidence-${number}"><summary>Evidence</summary><pre tabindex="0">${entry.evidence}</pre></details>`}</li>`;
}

function what(entry: HistoryEntry): Html {
  if (entry.kind === "verdict") {
    const word = entry.passed === true ? "passed" : "not passed";
    const look = entry.passed === true ? "succeeded" : "failed";
    return html`<span class="pill ${look}">${word}</span> <strong>${entry.gate ?? "gate"}</strong>`;
  }
  if (entry.kind === "transition" && entry.from !== entry.to) {
    return html`<strong>${entry.from ?? "start"} → ${entry.to ?? "end"}</strong>`;
  }
  return html`<strong>${entry.kind}</strong>`;
}
