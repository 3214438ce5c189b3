import type { SoakVerdict, Trend } from "./verdict.js";

/** The verdict as Markdown, for people and for the README. */
export function table(verdict: SoakVerdict, machine: string): string {
  const { flat, carried, filed, removed, minutes, trends } = verdict;
  return [
    `${flat ? "Flat" : "Not flat"} over ${minutes.toFixed(0)} min after retention was reached, in which`,
    `${filed} issues were filed and ${removed} items removed${carried ? "" : ": **too few**"}. ${machine}.`,
    "",
    "| what is kept | first third | last third | at most | |",
    "|---|---|---|---|---|",
    ...trends.map(row),
  ].join("\n");
}

function row({ of, from, to, allowed, flat }: Trend): string {
  return `| ${of} | ${[from, to, allowed].map((size) => sized(of, size)).join(" | ")} | ${flat ? "flat" : "**grows**"} |`;
}

function sized(of: string, size: number): string {
  return of === "items" ? size.toFixed(0) : `${(size / 2 ** 20).toFixed(1)} MB`;
}
