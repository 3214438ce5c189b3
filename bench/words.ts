import { median, type Sample } from "./statistics.js";

/** `1,234 ÷ 2,345 jobs/s`, by their medians. */
export function perSecond(ours: Sample, theirs: Sample, what: string): string {
  const rate = (sample: Sample) => Math.round(median(sample)).toLocaleString("en");
  return `${rate(ours)} ÷ ${rate(theirs)} ${what}/s`;
}

/** `1 connection`, `2 connections`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
