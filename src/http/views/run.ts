import type { RunRecord } from "../../domain/run.js";
import type { WorkItem } from "../../domain/work-item.js";
import type { Operator } from "../credentials.js";
import { at, duration, said, shortSha, tokens, usd } from "./format.js";
import { type Html, html } from "./html.js";
import { layout } from "./layout.js";

export interface RunView {
  readonly operator: Operator;
  readonly item: WorkItem;
  readonly run: RunRecord;
  /** Readable: without control characters. */
  readonly log: string;
  readonly now: Date;
}

/** One run of an agent with what it printed. */
export async function runPage({ operator, item, run, log, now }: RunView): Promise<string> {
  const main = html`<div class="heading">
<p class="where"><a href="/items/${item.id}">${item.id}</a> <span>${said(item.title)}</span></p>
<h1>Run ${run.id}</h1>
${runSummary(run, now)}
</div>
<section><h2>Log</h2>
${log === "" ? html`<p class="hint">It has printed nothing, or its log has passed its age.</p>` : html`<pre class="log">${log}</pre>`}
</section>`;
  return String(await layout(run.id, operator, main));
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
<span>${shortSha(run.commitBefore)} → ${shortSha(run.commitAfter)}</span></p>`;
}
