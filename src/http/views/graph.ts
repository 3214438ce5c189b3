import type { IssueKey } from "../../domain/issue.js";
import type { ItemStatus } from "../../domain/work-item.js";
import type { Operator } from "../credentials.js";
import type { DependencyPicture, PictureEdge, PictureNode } from "../dependency-picture.js";
import { NODE, type PictureLayout } from "../picture-layout.js";
import { issueName, many, said, statusPill, withoutTricks } from "./format.js";
import { type Html, html } from "./html.js";
import { liveLayout } from "./layout.js";

export interface GraphView {
  readonly operator: Operator;
  readonly picture: DependencyPicture;
  /** Older items weren't looked at. */
  readonly cut: boolean;
  /** Null: it can't be drawn. */
  readonly places: PictureLayout | null;
}

/** A sign beside the colour: neither is needed to tell the other. */
const SIGNS: Readonly<Record<ItemStatus, string>> = {
  waiting: "○",
  running: "▶",
  "awaiting-approval": "✋",
  "needs-input": "?",
  failed: "✕",
  blocked: "■",
  paused: "‖",
  done: "✓",
  cancelled: "–",
};

/** Who waits for whom: as a picture, and as a list that says the same. */
export async function graphPage({ operator, picture, cut, places }: GraphView): Promise<string> {
  const main = html`<div class="heading">
<h1>Dependency graph</h1>
<p class="hint">Who waits for whom among the items that aren't finished: blockers on the left. A dashed arrow is a blocker that is met.${cut ? " Only the newest items were looked at." : ""}</p>
</div>
${graphPicture(picture, places)}
${picture.nodes.length === 0 ? "" : html`<section class="panel"><h2>The same as a list</h2>${asList(picture)}</section>`}`;
  return String(await liveLayout("Dependency graph", operator, main, "/events"));
}

/** The picture in a box that scrolls by itself. */
export function graphPicture(picture: DependencyPicture, places: PictureLayout | null): Html {
  if (picture.nodes.length === 0) {
    return html`<p class="hint" id="graph">Nobody waits for anybody.</p>`;
  }
  if (places === null) {
    return html`<p class="hint" id="graph">It is too entangled to be drawn. The list says the same.</p>`;
  }
  return html`<div id="graph">
${picture.left === 0 ? "" : html`<p class="hint">${many(picture.left, "more item")} with blockers found no room.</p>`}
<div class="graph" role="region" aria-label="Dependency graph" tabindex="0">
<svg width="${places.width}" height="${places.height}" viewBox="0 0 ${places.width} ${places.height}" role="group" aria-label="${many(picture.nodes.length, "issue")}, ${many(picture.edges.length, "dependency", "dependencies")}">
<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z"></path></marker></defs>
${picture.edges.map((edge, index) => arrow(edge, places, index))}
${picture.nodes.map((node, index) => box(node, places, index))}
</svg></div></div>`;
}

function arrow({ met }: PictureEdge, { edges }: PictureLayout, index: number): Html {
  const [start, ...rest] = (edges[index] ?? []).map(({ x, y }) => `${round(x)} ${round(y)}`);
  const path = start === undefined ? "" : `M${start}${rest.map((point) => `L${point}`).join("")}`;
  return html`<path class="${met ? "edge met" : "edge"}" d="${path}" marker-end="url(#arrow)"></path>`;
}

function box(node: PictureNode, { nodes }: PictureLayout, index: number): Html {
  const { x, y } = nodes[index] ?? { x: 0, y: 0 };
  const place = `translate(${x} ${y})`;
  const { item, issue } = node;
  if (item === null) {
    return html`<g class="node outside" transform="${place}">${lines([issueName(issue), "not carried here", ""])}</g>`;
  }
  const state = `${SIGNS[item.status]} ${item.status.replace("-", " ")} · ${item.stage}`;
  return html`<a href="/items/${item.id}" id="node-${item.id}"><g class="node ${item.status}" transform="${place}">
<title>${withoutTricks(`${item.id} ${item.title}: ${item.status}, ${item.reason}`)}</title>
${lines([item.id, item.title, item.status === "done" ? `${SIGNS.done} done` : state])}</g></a>`;
}

function lines([first, second, third]: readonly [string, string, string]): Html {
  return html`<rect width="${NODE.width}" height="${NODE.height}" rx="7"></rect>
<text class="name" x="12" y="18">${shortened(first, 24)}</text>
<text class="words" x="12" y="33">${shortened(second, 28)}</text>
<text class="state" x="12" y="48">${third}</text>`;
}

/** Each item that waits or waited, with what for. */
function asList({ nodes, edges }: DependencyPicture): Html {
  const byIssue = new Map(nodes.map((node) => [node.issue, node]));
  const dependents = [...new Set(edges.map(({ dependent }) => dependent))];
  return html`<ul class="plain">${dependents.map((dependent) => {
    const blockers = edges.filter((edge) => edge.dependent === dependent);
    return html`<li>${named(byIssue, dependent)} waits for
<ul>${blockers.map(({ blocker, met }) => html`<li>${named(byIssue, blocker)}${met ? " (met)" : ""}</li>`)}</ul></li>`;
  })}</ul>`;
}

function named(byIssue: ReadonlyMap<IssueKey, PictureNode>, issue: IssueKey): Html {
  const item = byIssue.get(issue)?.item ?? null;
  if (item === null) return html`${issueName(issue)}, which isn't carried here`;
  return html`<a href="/items/${item.id}">${item.id}</a> ${said(item.title)} ${statusPill(item.status)}`;
}

function shortened(text: string, most: number): string {
  const characters = [...withoutTricks(text)];
  return characters.length <= most
    ? characters.join("")
    : `${characters.slice(0, most - 1).join("")}…`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
