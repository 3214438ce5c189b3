import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { z } from "zod";
import { NO_USAGE, type RunReport, SILENT_REPORT } from "../domain/run.js";

/** What an agent may say about its run in the result file. */
export interface AgentResult {
  readonly report: RunReport;
  /** When the provider's quota comes back; null: it isn't spent. */
  readonly resetAt: Date | null;
  /** Why the file was ignored; null: it wasn't, or there is none. */
  readonly ignored: string | null;
}

const LARGEST = 64 * 1024;
const LONGEST_SUMMARY = 4_000;
/** Seconds since the epoch have ten digits for centuries; more are milliseconds. */
const SECONDS_BELOW = 100_000_000_000;

const tokens = z.number().int().nonnegative();
const resultSchema = z.object({
  summary: z.string().optional(),
  usage: z.object({ input_tokens: tokens.default(0), output_tokens: tokens.default(0) }).optional(),
  cost_usd: z.number().nonnegative().optional(),
  reset_at: z
    .union([z.string(), z.number()])
    .transform(toDate)
    .refine((date) => !Number.isNaN(date.getTime()), "not a time")
    .nullish(),
});

/** Reads the result file. Hostile content is ignored with a reason, never an error. */
export async function readResult(path: string): Promise<AgentResult> {
  const text = await readRegularFile(path);
  if (typeof text !== "string") return nothing(text.ignored);
  const parsed = resultSchema.safeParse(parseJson(text));
  if (!parsed.success) return nothing(z.prettifyError(parsed.error));
  const { summary, usage, cost_usd, reset_at } = parsed.data;
  return {
    report: {
      ...(summary === undefined ? {} : { summary: summary.slice(0, LONGEST_SUMMARY) }),
      usage:
        usage === undefined
          ? NO_USAGE
          : { inputTokens: usage.input_tokens, outputTokens: usage.output_tokens },
      costUsd: cost_usd ?? null,
    },
    resetAt: reset_at ?? null,
    ignored: null,
  };
}

function nothing(ignored: string | null): AgentResult {
  return { report: SILENT_REPORT, resetAt: null, ignored };
}

/** A symlink would make us read what the agent can't, a pipe would never end. */
async function readRegularFile(path: string): Promise<string | { ignored: string | null }> {
  try {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const file = await open(path, flags);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return { ignored: "it is not a regular file" };
      if (stats.size > LARGEST) return { ignored: `it is larger than ${LARGEST} bytes` };
      return await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    return { ignored: error.code === "ENOENT" ? null : `it can't be read (${error.code})` };
  }
}

/** Undefined for what isn't JSON: the schema then says what was expected. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function toDate(value: string | number): Date {
  if (typeof value === "string") return new Date(value);
  return new Date(value < SECONDS_BELOW ? value * 1000 : value);
}
