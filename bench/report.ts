import type { Goal, Measured } from "./case.js";
import { median, spread } from "./statistics.js";

export interface Result extends Omit<Measured, "values"> {
  /** Of its case. */
  readonly name: string;
  readonly median: number;
  readonly spread: readonly [number, number];
  readonly reached: boolean;
}

export interface Report {
  readonly machine: string;
  readonly quick: boolean;
  /** The day, ISO 8601. */
  readonly on: string;
  readonly results: readonly Result[];
}

export function resultOf(name: string, { values, ...line }: Measured): Result {
  const middle = median(values);
  const reached = reaches(middle, line.goal);
  return { name, ...line, median: middle, spread: spread(values), reached };
}

function reaches(value: number, goal: Goal): boolean {
  switch (goal.kind) {
    case "at least":
      return value >= goal.value;
    case "at most":
      return value <= goal.value;
    case "none":
      return true;
  }
}

/** The report as the README shows it. */
export function markdown({ machine, quick, on, results }: Report): string {
  return [
    "| what | goal | measured | spread | made of |",
    "| --- | --- | --- | --- | --- |",
    ...results.map(line),
    "",
    `Medians and extremes of \`npm run bench${quick ? " -- --quick" : ""}\` on ${on}: ${machine}.`,
  ].join("\n");
}

function line({ what, goal, median: middle, spread: [least, most], reached, detail }: Result) {
  const measured = `${shown(middle, goal)}${reached ? "" : " (missed)"}`;
  const aim = goal.kind === "none" ? "" : `${goal.kind} ${shown(goal.value, goal)}`;
  const cells = [what, aim, measured];
  return `| ${[...cells, `${shown(least, goal)} to ${shown(most, goal)}`, detail].join(" | ")} |`;
}

function shown(value: number, { unit }: Goal): string {
  if (unit === "") return value.toFixed(2);
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} ${unit}`;
}

const BEGIN = "<!-- bench: npm run bench -- --write -->";
const END = "<!-- /bench -->";

/**
 * The text with the report between its two markers.
 * @throws if it has no such place
 */
export function withReport(text: string, report: Report): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`there is no place ${BEGIN} … ${END}`);
  return `${text.slice(0, begin + BEGIN.length)}\n${markdown(report)}\n${text.slice(end)}`;
}
