import type { IssueKey } from "../../domain/issue.js";
import type { Usage } from "../../domain/run.js";
import type { WorkItem } from "../../domain/work-item.js";
import { type FleetFacts, repoOf } from "../fleet-facts.js";
import { type Html, html } from "./html.js";

const STEPS = [
  { unit: "day", ms: 86_400_000 },
  { unit: "hour", ms: 3_600_000 },
  { unit: "minute", ms: 60_000 },
] as const;
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "always" });
const COUNT = new Intl.NumberFormat("en");

/** `3 minutes ago`, with the exact time on hover. */
export function ago(iso: string, now: Date): Html {
  const ms = now.getTime() - Date.parse(iso);
  const step = STEPS.find((each) => ms >= each.ms);
  const text = step ? RELATIVE.format(-Math.floor(ms / step.ms), step.unit) : "just now";
  return html`<time datetime="${iso}" title="${exactly(iso)}">${text}</time>`;
}

export function at(iso: string): Html {
  return html`<time datetime="${iso}">${exactly(iso)}</time>`;
}

/** `2026-03-01 09:30:12 UTC`; what isn't a time is shown as it is. */
function exactly(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  return `${time.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** `4 min 12 s` between two times; `so far` while there is no end. */
export function duration(from: string, to: string | null, now: Date): string {
  const ms = (to === null ? now.getTime() : Date.parse(to)) - Date.parse(from);
  const seconds = Math.max(0, Math.round(ms / 1000));
  const text =
    seconds < 60
      ? `${seconds} s`
      : seconds < 3600
        ? `${Math.floor(seconds / 60)} min ${seconds % 60} s`
        : `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return to === null ? `${text} so far` : text;
}

/** Cents matter, fractions of a cent only when there is nothing else. */
export function usd(amount: number): string {
  return amount > 0 && amount < 0.01 ? `$${amount.toPrecision(1)}` : `$${amount.toFixed(2)}`;
}

export function tokens(usage: Usage): string {
  return `${COUNT.format(usage.inputTokens)} tokens in, ${COUNT.format(usage.outputTokens)} out`;
}

export function count(amount: number): string {
  return COUNT.format(amount);
}

export function many(amount: number, one: string, more = `${one}s`): string {
  return `${COUNT.format(amount)} ${amount === 1 ? one : more}`;
}

/** `awaiting approval`: a status as people say it. */
export function statusPill(status: WorkItem["status"]): Html {
  return html`<span class="pill ${status}">${status.replace("-", " ")}</span>`;
}

/** Text that others wrote: isolated, so that its direction disturbs nothing around it. */
export function said(text: string): Html {
  return html`<bdi>${withoutTricks(text)}</bdi>`;
}

/** Our own sentences, whose commands stand in backquotes; they quote others' text. */
export function sentence(text: string): Html {
  const parts = withoutTricks(text).split("`");
  return html`<bdi>${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}</bdi>`;
}

/** Control and direction characters make text read as something it isn't. */
export function withoutTricks(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, " ");
}

/** `acme/rocket#161`, or the project for an issue of Plane. */
export function place(item: WorkItem, fleet: FleetFacts): string {
  const { issue } = item;
  if (issue.tracker === "gitea") return `${issue.repo}#${issue.number}`;
  return repoOf(fleet, item) ?? `${item.project} (Plane)`;
}

/** An issue key as people write it. */
export function issueName(key: IssueKey): string {
  return key.replace(/^gitea:/, "").replace(/^plane:[^/]*\//, "Plane item ");
}

/** The address as a link's target, if it is a web page's: a tracker's text is not trusted. */
export function webLink(address: string | null): string | null {
  if (address === null || !URL.canParse(address)) return null;
  return /^https?:$/.test(new URL(address).protocol) ? address : null;
}

export function shortSha(sha: string | null): Html | string {
  return sha === null ? "" : html`<code title="${sha}">${sha.slice(0, 8)}</code>`;
}
