import { plain } from "../look-command.js";
import type { Level, Line } from "./check.js";

const COLOURS: Readonly<Record<Level, number>> = { ok: 32, warn: 33, fail: 31 };
const FAINT = 2;

/** A line each, what to do below it; colours only where `colours` says there is a terminal. */
export function reportText(lines: readonly Line[], colours: boolean): string {
  const paint = (code: number, text: string) =>
    colours ? `\u001b[${code}m${text}\u001b[0m` : text;
  const shown = lines.flatMap(({ name, level, says, mend }) => [
    `${paint(COLOURS[level], level.padEnd(4))}  ${plain(name)}: ${plain(says)}`,
    ...(mend === null ? [] : [`      ${paint(FAINT, "→")} ${plain(mend)}`]),
  ]);
  return [...shown, "", summary(lines)].join("\n");
}

/** One line of JSON. */
export function reportJson(lines: readonly Line[]): string {
  return JSON.stringify({ ok: !hasFailed(lines), checks: lines });
}

/** 1 if anything must be mended; what is only to be looked at keeps nobody from starting. */
export function exitCodeOf(lines: readonly Line[]): 0 | 1 {
  return hasFailed(lines) ? 1 : 0;
}

function hasFailed(lines: readonly Line[]): boolean {
  return lines.some(({ level }) => level === "fail");
}

function summary(lines: readonly Line[]): string {
  const count = (level: Level) => lines.filter((line) => line.level === level).length;
  const [fails, warns] = [count("fail"), count("warn")];
  if (fails + warns === 0) return "All is in order.";
  return `${fails} to mend, ${warns} to look at, ${count("ok")} in order.`;
}
