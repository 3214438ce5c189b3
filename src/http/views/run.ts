import type { RunRecord } from "../../domain/run.js";
import type { WorkItem } from "../../domain/work-item.js";
import type { Operator } from "../credentials.js";
import { at, duration, said, shortSha, tokens, usd } from "./format.js";
import { type Html, html } from "./html.js";
import { liveLayout } from "./layout.js";

/** What a run printed so far. */
export interface LogView {
  readonly item: string;
  readonly run: RunRecord;
  /** Readable: without control characters. While it runs, whole lines only. */
  readonly text: string;
  /** How many bytes of the stored log that is; what follows is sent from there. */
  readonly bytes: number;
}

export interface RunView {
  readonly operator: Operator;
  readonly item: WorkItem;
  readonly log: LogView;
  readonly now: Date;
}

/** One run of an agent with what it printed. */
export async function runPage({ operator, item, log, now }: RunView): Promise<string> {
  const { run } = log;
  const main = html`<div class="heading">
<p class="where"><a href="/items/${item.id}">${item.id}</a> <span>${said(item.title)}</span></p>
<h1>Run ${run.id}</h1>
${runSummary(run, now)}
</div>
<section id="log" class="whole"><h2>Log</h2><p class="hint"><a href="#end">To its end</a></p>${logBox(log)}<p id="end" class="hint"><a href="#main">To its beginning</a></p></section>`;
  return String(await liveLayout(run.id, operator, main, eventsOf(item.id, log)));
}

/** What a page hears of: its item, and what the run prints while it runs. */
export function eventsOf(item: string, log: LogView | null): string {
  const address = `/events?item=${item}`;
  return log === null || log.run.ending !== null ? address : `${address}&run=${log.run.id}`;
}

/** While a run goes on its log is added to, not made anew: its key stays. */
export function logBox({ run, text, bytes }: LogView, most = Number.POSITIVE_INFINITY): Html {
  const running = run.ending === null;
  const { shown, cut } = lastLines(text, most);
  const nothing = running
    ? "It has printed nothing yet."
    : "It has printed nothing, or its log has passed its age.";
  return html`<div id="log-${run.id}" data-key="${run.id} ${running ? "running" : "over"}">
${cut ? html`<p class="hint">The last ${most} lines.</p>` : ""}
${text === "" ? html`<p class="hint" data-nothing>${nothing}</p>` : ""}
${text === "" && !running ? "" : html`<pre class="log${running ? "" : " ended"}" role="region" tabindex="0" aria-label="Log of ${run.id}"${running ? html` data-log data-from="${bytes}"` : ""}>${shown}</pre>`}
</div>`;
}

function lastLines(text: string, most: number): { readonly shown: string; readonly cut: boolean } {
  const lines = text.split("\n");
  const cut = lines.length > most;
  return { shown: cut ? lines.slice(-most).join("\n") : text, cut };
}

/** How a run went, in two lines. */
export function runSummary(run: RunRecord, now: Date): Html {
  const ending = run.ending ?? "running";
  return html`<p><span class="pill ${ending}">${ending.replace("_", " ")}</span>
<strong>${run.role}</strong> in ${run.stage}, attempt ${run.attempt}${run.reason === "" ? "" : html`: <span class="reason">${said(run.reason)}</span>`}</p>
<p class="facts"><span>${at(run.startedAt)}</span>
<span>${duration(run.startedAt, run.finishedAt, now)}</span>
<span>${run.model ?? "no model"}</span>
<span>${tokens(run.usage)}</span>
<span>${usd(run.costUsd)}</span>
<span>${shortSha(run.commitBefore)}${run.commitAfter === null ? "" : html` → ${shortSha(run.commitAfter)}`}</span></p>`;
}
