import type { IssueKey } from "../../domain/issue.js";
import type { ItemStatus } from "../../domain/work-item.js";
import type { Operator } from "../credentials.js";
import type { DependencyPicture, PictureEdge, PictureNode } from "../dependency-picture.js";
import { NODE, type PictureLayout, type Point } from "../picture-layout.js";
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
  /** Made as small as the page, however small that makes its words. */
  readonly whole: boolean;
}

/** Wider ones don't fit a page at their real size, in pixels. */
const PAGE_WIDTH = 1_200;

/** The head of an arrow and the piece it lies on, in pixels. */
const ARROW = 14;

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
export async function graphPage(view: GraphView): Promise<string> {
  const { operator, picture, cut, places, whole } = view;
  const main = html`<div class="heading">
<h1>Dependency graph</h1>
<p class="hint">Who waits for whom among the items that aren't finished: blockers on the left. A dashed arrow is a blocker that is met.${cut ? " Only the newest items were looked at." : ""}</p>
${sizes(places, whole)}
</div>
${graphPicture(picture, places, whole)}
${picture.nodes.length === 0 ? "" : html`<section class="panel"><h2>The same as a list</h2>${asList(picture)}</section>`}`;
  return String(await liveLayout("Dependency graph", operator, main, "/events", "/graph"));
}

/** A large picture is read at its real size, and seen as a whole. */
function sizes(places: PictureLayout | null, whole: boolean): Html | string {
  if (places === null || places.width <= PAGE_WIDTH) return "";
  return whole
    ? html`<p>The whole picture · <a href="/graph">In its real size</a></p>`
    : html`<p>In its real size · <a href="/graph?size=whole">The whole picture</a></p>`;
}

/** The picture in a box that scrolls by itself, or made to fit. */
export function graphPicture(
  picture: DependencyPicture,
  places: PictureLayout | null,
  whole = false,
): Html {
  if (picture.nodes.length === 0) {
    return html`<p class="hint" id="graph">Nobody waits for anybody. An issue that says <code>Blocked by: #160</code> waits for #160.</p>`;
  }
  if (places === null) {
    return html`<p class="hint" id="graph">It is too entangled to be drawn. The list says the same.</p>`;
  }
  return html`<div id="graph">
${picture.left === 0 ? "" : html`<p class="hint">${many(picture.left, "more item")} with blockers found no room.</p>`}
<div class="graph${whole ? " entire" : ""}" role="region" aria-label="Dependency graph" tabindex="0">
<svg width="${places.width}" height="${places.height}" viewBox="0 0 ${places.width} ${places.height}" role="group" aria-label="${many(picture.nodes.length, "issue")}, ${many(picture.edges.length, "dependency", "dependencies")}">
<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z"></path></marker></defs>
${picture.edges.map((edge, index) => arrow(edge, places, index))}
${picture.nodes.map((node, index) => box(node, places, index))}
</svg></div></div>`;
}

function arrow({ met }: PictureEdge, { edges }: PictureLayout, index: number): Html {
  const steps = (edges[index] ?? []).map(step).join("");
  return html`<path class="${met ? "edge met" : "edge"}" d="${steps}" marker-end="url(#arrow)"></path>`;
}

/** Straight past a column's nodes, in a curve from column to column. */
function step({ x, y }: Point, index: number, way: readonly Point[]): string {
  const before = way[index - 1];
  if (before === undefined) return `M${x} ${y}`;
  if (index % 2 === 0) return `H${x}`;
  const last = index === way.length - 1;
  const end = last ? x - Math.sign(x - before.x) * ARROW : x;
  const middle = Math.round((before.x + end) / 2);
  return `C${middle} ${before.y} ${middle} ${y} ${end} ${y}${last ? `H${x}` : ""}`;
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
