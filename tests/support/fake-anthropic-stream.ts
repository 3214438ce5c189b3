export interface FakeMessage {
  readonly id: string;
  readonly type: string;
  readonly role: string;
  readonly model: string;
  readonly content: readonly unknown[];
  readonly stop_reason: string;
  readonly stop_sequence: null;
  readonly usage: typeof FAKE_USAGE;
}

/** What every answer of the fake costs. */
export const FAKE_USAGE = {
  input_tokens: 100,
  output_tokens: 20,
  cache_creation_input_tokens: 1_000,
  cache_read_input_tokens: 2_000,
};

/** A message as the server-sent events the API would stream it in. */
export function eventsOf(message: FakeMessage): readonly string[] {
  const { content, stop_reason, stop_sequence, usage } = message;
  const start = {
    ...message,
    content: [],
    stop_reason: null,
    usage: { ...usage, output_tokens: 1 },
  };
  return [
    event("message_start", { message: start }),
    ...content.flatMap((block, index) => blockEvents(block as Record<string, unknown>, index)),
    event("ping", {}),
    event("message_delta", {
      delta: { stop_reason, stop_sequence },
      usage: { output_tokens: usage.output_tokens },
    }),
    event("message_stop", {}),
  ];
}

/** A block arrives empty and is filled in two pieces. */
function blockEvents(block: Record<string, unknown>, index: number): readonly string[] {
  const [empty, kind, field, whole] = piecesOf(block);
  const middle = Math.ceil(whole.length / 2);
  const pieces = [whole.slice(0, middle), whole.slice(middle)];
  return [
    event("content_block_start", { index, content_block: empty }),
    ...pieces.map((piece) =>
      event("content_block_delta", { index, delta: { type: kind, [field]: piece } }),
    ),
    event("content_block_stop", { index }),
  ];
}

function piecesOf(
  block: Record<string, unknown>,
): readonly [empty: unknown, kind: string, field: string, whole: string] {
  switch (block.type) {
    case "tool_use":
      return [
        { ...block, input: {} },
        "input_json_delta",
        "partial_json",
        JSON.stringify(block.input),
      ];
    case "thinking":
      return [{ ...block, thinking: "" }, "thinking_delta", "thinking", String(block.thinking)];
    default:
      return [{ ...block, text: "" }, "text_delta", "text", String(block.text)];
  }
}

function event(type: string, data: Record<string, unknown>): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}
