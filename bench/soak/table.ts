import type { SoakVerdict, Trend } from "./verdict.js";

/** The verdict as Markdown, for people and for the README. */
export function table({ flat, removed, minutes, trends }: SoakVerdict, machine: string): string {
  return [
    `${flat ? "Flat" : "Not flat"} over ${minutes.toFixed(0)} min after retention was reached, in which`,
    `${removed} items were removed. ${machine}.`,
    "",
    "| memory of | first third | last third | at most | |",
    "|---|---|---|---|---|",
    ...trends.map(row),
  ].join("\n");
}

function row({ of, from, to, allowed, flat }: Trend): string {
  return `| ${of} | ${mb(from)} | ${mb(to)} | ${mb(allowed)} | ${flat ? "flat" : "**grows**"} |`;
}

function mb(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
