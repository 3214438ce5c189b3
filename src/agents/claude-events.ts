import { z } from "zod";

/**
 * Lines of `claude --output-format stream-json`, one JSON object each. Only what is used is named;
 * a field of another shape counts as absent, since the CLI changes faster than its readers.
 */

const text = z.string().optional().catch(undefined);
const amount = z.number().nonnegative().default(0).catch(0);

const messageUsage = z.object({
  input_tokens: amount,
  output_tokens: amount,
  cache_creation_input_tokens: amount,
  cache_read_input_tokens: amount,
});
export type MessageUsage = z.infer<typeof messageUsage>;

const block = z.object({
  type: z.string(),
  text: text,
  name: text,
  input: z.record(z.string(), z.unknown()).optional().catch(undefined),
  is_error: z.boolean().optional().catch(undefined),
  content: z.unknown().optional(),
});
export type Block = z.infer<typeof block>;

const message = z.object({
  id: text,
  usage: messageUsage.optional().catch(undefined),
  content: z
    .union([z.string().transform((said) => [{ type: "text", text: said }]), z.array(z.unknown())])
    .transform((blocks) => blocks.flatMap((value) => block.safeParse(value).data ?? []))
    .catch([]),
});

const modelUsage = z.object({
  inputTokens: amount,
  outputTokens: amount,
  cacheReadInputTokens: amount,
  cacheCreationInputTokens: amount,
});

const result = z.object({
  type: z.literal("result"),
  /** `success` also where `is_error` is true: the session ended, though not well. */
  subtype: z.string().default("success").catch("success"),
  is_error: z.boolean().default(false).catch(true),
  result: text,
  errors: z.array(z.string()).optional().catch(undefined),
  api_error_status: z.coerce.number().int().positive().nullish().catch(null),
  num_turns: z.number().optional().catch(undefined),
  total_cost_usd: z.number().nonnegative().optional().catch(undefined),
  usage: messageUsage.optional().catch(undefined),
  modelUsage: z.record(z.string(), modelUsage).optional().catch(undefined),
});
export type ResultEvent = z.infer<typeof result>;

const event = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("system"),
    subtype: text,
    model: text,
    claude_code_version: text,
    error: text,
    attempt: z.number().optional().catch(undefined),
    max_retries: z.number().optional().catch(undefined),
  }),
  z.object({ type: z.literal("assistant"), message, error: text }),
  z.object({ type: z.literal("user"), message }),
  z.object({
    type: z.literal("rate_limit_event"),
    rate_limit_info: z
      .object({ status: text, resetsAt: z.number().optional().catch(undefined) })
      .default({ status: undefined, resetsAt: undefined })
      .catch({ status: undefined, resetsAt: undefined }),
  }),
  result,
]);
export type ClaudeEvent = z.infer<typeof event>;

/** `plain`: not JSON, so a message for people. `other`: an event nobody needs here. */
export type ParsedLine =
  | { readonly kind: "event"; readonly event: ClaudeEvent }
  | { readonly kind: "other" | "plain" };

export function parseClaudeLine(line: string): ParsedLine {
  if (!line.startsWith("{")) return { kind: "plain" };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: "plain" };
    throw error;
  }
  const parsed = event.safeParse(value);
  return parsed.success ? { kind: "event", event: parsed.data } : { kind: "other" };
}
