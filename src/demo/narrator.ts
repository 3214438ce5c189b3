import type { Transition } from "../domain/transition.js";
import type { HistoryEntry, WorkItem } from "../domain/work-item.js";

/** Something that happened, for a person or, as a JSON line, for a program. */
export interface Happening {
  /** Milliseconds since the first webhook was sent. */
  readonly ms: number;
  readonly event:
    | "webhook"
    | "stage"
    | "run"
    | "verdict"
    | "comment"
    | "state"
    | "done"
    | "summary";
  readonly item: string | null;
  readonly stage: string | null;
  readonly text: string;
  readonly passed?: boolean;
}

export type Tell = (happening: Omit<Happening, "ms">) => void;

/** Brings transitions to what a person would want to know of them; remembers what was said. */
export function createNarrator(tell: Tell): (transition: Transition) => void {
  const said = new Map<string, string>();
  return ({ item, history }) => {
    for (const entry of history) narrateEntry(item, entry, tell);
    const now = statusText(item);
    const last = said.get(item.id);
    said.set(item.id, `${item.version} ${now}`);
    if (now === null || last === `${item.version} ${now}`) return;
    const event = item.status === "running" ? "run" : "stage";
    tell({ event, item: item.id, stage: item.stage, text: now });
  };
}

function statusText(item: WorkItem): string | null {
  if (item.status === "awaiting-approval") return "waits for an approval";
  if (item.status === "waiting" || item.status === "done") return null;
  if (item.status !== "running") return `${item.status}: ${item.reason}`;
  return item.run?.ending === null ? `the ${item.run.role} works` : null;
}

function narrateEntry(item: WorkItem, entry: HistoryEntry, tell: Tell): void {
  const about = { item: item.id, stage: entry.from ?? item.stage };
  switch (entry.kind) {
    case "started":
      tell({ event: "stage", item: item.id, stage: item.stage, text: `starts: ${item.title}` });
      return;
    case "verdict":
      tell({
        ...about,
        event: "verdict",
        passed: entry.passed === true,
        text: `${entry.gate}: ${entry.reason}`,
      });
      return;
    case "transition":
      if (entry.to === "done")
        tell({ event: "done", item: item.id, stage: "done", text: item.title });
      else tell({ ...about, event: "stage", text: `→ ${entry.to}` });
      return;
    case "run":
      if (!entry.reason.includes("finished")) tell({ ...about, event: "run", text: entry.reason });
      return;
    default:
      return;
  }
}

const MARKS: Readonly<Record<Happening["event"], string>> = {
  webhook: "⇢",
  stage: "●",
  run: "▸",
  verdict: "✓",
  comment: "✎",
  state: "▤",
  done: "★",
  summary: "—",
};
const COLOURS: Readonly<Record<string, number>> = { verdict: 32, stage: 36, done: 33, comment: 35 };

/** One line for a terminal; colours only where `colour` says there is one. */
export function asLine(happening: Happening, colour: boolean): string {
  const failed = happening.event === "verdict" && happening.passed === false;
  const mark = failed ? "✗" : MARKS[happening.event];
  const code = failed ? 31 : COLOURS[happening.event];
  const shown = colour && code !== undefined ? `\u001b[${code}m${mark}\u001b[0m` : mark;
  const seconds = (happening.ms / 1_000).toFixed(1).padStart(5);
  const item = (happening.item ?? "").padEnd(7);
  const stage = (happening.stage ?? "").padEnd(13);
  return `${seconds} s  ${item} ${stage} ${shown} ${oneLine(happening.text)}`.trimEnd();
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 110 ? `${line.slice(0, 109)}…` : line;
}
