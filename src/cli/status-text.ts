import { STAGES } from "../domain/stage.js";
import { ITEM_STATUSES, type ItemStatus, type WorkItem } from "../domain/work-item.js";
import { QUEUE_NAMES } from "../queue/catalog.js";
import { type FleetStatus, JOB_STATES } from "./wiring/fleet-status.js";

/** Stuck items shown; the overview page has them all. */
const MOST_SHOWN = 10;
const LONGEST_REASON = 70;
const COLOURS = { head: 1, red: 31, yellow: 33, green: 32, cyan: 36, faint: 2 } as const;
const STATUS_COLOURS: Readonly<Partial<Record<string, keyof typeof COLOURS>>> = {
  failed: "red",
  blocked: "red",
  "awaiting-approval": "yellow",
  "needs-input": "yellow",
  paused: "yellow",
  running: "cyan",
  active: "cyan",
  done: "green",
};

type Paint = (colour: keyof typeof COLOURS | undefined, text: string) => string;

/** One line of JSON; keys as in `/api/items`. */
export function statusJson({ redis, items, counted, more, stuck, queues }: FleetStatus): string {
  const attention = stuck.map(({ id, title, stage, status, reason }) => ({
    id,
    title,
    stage,
    status,
    reason,
  }));
  return JSON.stringify({ redis, items: { counted, more, by_stage: items }, attention, queues });
}

/** Tables for a person; colours only where `colours` says there is a terminal. */
export function statusText(found: FleetStatus, colours: boolean): string {
  const paint: Paint = (colour, text) =>
    colours && colour !== undefined ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text;
  return [
    paint("faint", `Redis: ${found.redis}`),
    itemsTable(found, paint),
    ...(found.stuck.length === 0 ? [] : [stuckList(found.stuck, paint)]),
    queuesTable(found, paint),
  ].join("\n\n");
}

function itemsTable({ items, counted, more }: FleetStatus, paint: Paint): string {
  if (counted === 0) return `${paint("head", "Items")}\nNone yet: assign an issue to the bot.`;
  const statuses = ITEM_STATUSES.filter((status) =>
    STAGES.some((stage) => items[stage]?.[status] !== undefined),
  );
  const rows = STAGES.flatMap((stage) => {
    const counts = items[stage];
    if (counts === undefined) return [];
    return [[stage, ...statuses.map((status) => shown(counts[status]))]];
  });
  const note = more ? `\n(the newest ${counted}; there are older ones)` : "";
  return table(["Items", ...statuses], rows, paint) + note;
}

function stuckList(stuck: readonly WorkItem[], paint: Paint): string {
  const lines = stuck
    .slice(0, MOST_SHOWN)
    .map(({ id, stage, status, reason }) => [
      id,
      stage,
      colouredStatus(status, paint),
      short(reason),
    ]);
  const width = Math.max(...stuck.map(({ id }) => id.length));
  const text = lines.map(([id = "", stage = "", status = "", reason = ""]) =>
    `${id.padEnd(width)}  ${stage.padEnd(12)}  ${status}  ${reason}`.trimEnd(),
  );
  const left = stuck.length - lines.length;
  return [
    paint("head", "Waits for a person"),
    ...text,
    ...(left > 0 ? [`and ${left} more`] : []),
  ].join("\n");
}

function colouredStatus(status: ItemStatus, paint: Paint): string {
  return paint(STATUS_COLOURS[status], status.padEnd("awaiting-approval".length));
}

function queuesTable({ queues }: FleetStatus, paint: Paint): string {
  const rows = QUEUE_NAMES.map((name) => {
    const queue = queues[name];
    return [name, ...JOB_STATES.map((state) => shown(queue[state])), shown(queue.workers)];
  });
  return table(["Queues", ...JOB_STATES, "workers"], rows, paint);
}

/** First column to the left, numbers to the right. */
function table(head: readonly string[], rows: readonly string[][], paint: Paint): string {
  const widths = head.map((text, column) =>
    Math.max(text.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const cell = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0);
  const title = head.map((text, column) => paint("head", cell(text, column))).join("  ");
  const body = rows.map((row) =>
    row
      .map((text, column) => {
        const colour = text === "·" ? "faint" : STATUS_COLOURS[head[column] ?? ""];
        return paint(column === 0 ? undefined : colour, cell(text, column));
      })
      .join("  "),
  );
  return [title, ...body].join("\n");
}

function shown(count: number | undefined): string {
  return count === undefined || count === 0 ? "·" : String(count);
}

function short(reason: string): string {
  const line = reason.replace(/\s+/g, " ").trim();
  return line.length > LONGEST_REASON ? `${line.slice(0, LONGEST_REASON - 1)}…` : line;
}
