import { stripVTControlCharacters } from "node:util";
import type { ReadWorkItems } from "./work-items.js";

/** What agents printed, masked and capped by whoever wrote it. */
export interface ReadRunLogs {
  /** Empty: the run printed nothing, or its log has passed its age. */
  read(run: string): Promise<string>;
  /** What follows the first `bytes` of it. */
  readFrom(run: string, bytes: number): Promise<string>;
}

const DECEIVING = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu;

/** A log without what a terminal obeys and what reads as something it isn't. */
export function readableLog(text: string): string {
  return stripVTControlCharacters(text).replace(/\r\n?/g, "\n").replace(DECEIVING, "");
}

/** The whole lines of a log that still grows, and how many bytes they take. */
export function wholeLines(text: string): { readonly lines: string; readonly bytes: number } {
  const lines = text.slice(0, text.lastIndexOf("\n") + 1);
  return { lines, bytes: Buffer.byteLength(lines) };
}

/** The logs of all attempts of one version, oldest first, each under a line that names its run. */
export async function logsOfVersion(
  items: Pick<ReadWorkItems, "runs">,
  logs: Pick<ReadRunLogs, "read">,
  job: { readonly item: string; readonly version: number },
): Promise<readonly string[]> {
  const runs = (await items.runs(job.item)).filter(({ version }) => version === job.version);
  const read = runs.map(async ({ id, ending }) => [
    `== ${id}: ${ending ?? "running"}`,
    ...readableLog(await logs.read(id)).split("\n"),
  ]);
  return (await Promise.all(read)).flat();
}
