import { stripVTControlCharacters } from "node:util";
import { type Happening, issueName } from "./happening.js";
import type { Story } from "./narrator.js";

export interface Screen {
  /** Columns. */
  readonly width: number;
  readonly colour: boolean;
}

const RED = 31;
const GREEN = 32;
const YELLOW = 33;
const CYAN = 36;
const DIM = 90;

type Look = readonly [mark: string, colour: number];

const BY_EVENT: Readonly<Record<Happening["event"], Look>> = {
  webhook: ["⇢", DIM],
  stage: ["●", CYAN],
  run: ["▸", DIM],
  verdict: ["✓", GREEN],
  comment: ["✎", DIM],
  "pull-request": ["⇡", CYAN],
  done: ["★", GREEN],
  summary: ["—", DIM],
  board: ["—", DIM],
};
const BY_MARK: Readonly<Record<NonNullable<Happening["mark"]>, Look>> = {
  waits: ["◌", YELLOW],
  back: ["◂", RED],
  failed: ["✗", RED],
};
/** Each item's id keeps a colour, so that interleaved lines can be told apart. */
const ITEM_COLOURS = [36, 35, 34, 33];

/** One line, cut to the screen's width. */
export function asLine(happening: Happening, { width, colour }: Screen): string {
  const { ms, event, item, stage, mark, text } = happening;
  const paint = painter(colour);
  const [sign, signColour] = mark === undefined ? BY_EVENT[event] : BY_MARK[mark];
  const time = `${(ms / 1_000).toFixed(1).padStart(5)} s`;
  const words = oneLine(text);
  const parts = [
    paint(time, DIM),
    paint((item ?? "").padEnd(6), itemColour(item)),
    (stage ?? "").padEnd(12),
    paint(sign, signColour),
  ];
  const used = stripVTControlCharacters(parts.join("  ")).length + 1;
  return `${parts.join("  ")} ${cut(words, width - used)}`.trimEnd();
}

/** What became of each item, as an aligned table. */
export function asTable(stories: readonly Story[], { width, colour }: Screen): string {
  const paint = painter(colour);
  const head = ["Item", "Issue", "Title", "State", "Took", "Developer runs", "On the way"];
  const rows = stories.map((story) => [
    story.item.id,
    issueName(story.item),
    story.item.title,
    story.item.status,
    tookOf(story.item),
    String(story.item.developerRuns),
    onTheWay(story),
  ]);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) => {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    return cut(`  ${cells.join("  ")}`.trimEnd(), width);
  };
  return [paint(line(head), DIM), ...rows.map(line)].join("\n");
}

function tookOf({ createdAt, updatedAt }: Story["item"]): string {
  return `${((Date.parse(updatedAt) - Date.parse(createdAt)) / 1_000).toFixed(1)} s`;
}

function onTheWay({ item, sentBack, waitedFor }: Story): string {
  const events = [
    ...(waitedFor.length > 0 ? [`waited for ${waitedFor.join(", ")}`] : []),
    ...(sentBack > 0 ? [sentBack === 1 ? "sent back once" : `sent back ${sentBack} times`] : []),
    ...(item.status === "done" ? [] : [item.reason]),
  ];
  return events.join("; ");
}

function itemColour(item: string | null): number {
  const number = Number(item?.split("-").at(-1) ?? 0);
  return ITEM_COLOURS[number % ITEM_COLOURS.length] ?? CYAN;
}

function painter(colour: boolean): (text: string, code: number) => string {
  return (text, code) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
}

function oneLine(text: string): string {
  return stripVTControlCharacters(text).replace(/\s+/g, " ").trim();
}

function cut(text: string, limit: number): string {
  const most = Math.max(limit, 20);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
