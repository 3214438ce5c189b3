type Json = Record<string, unknown>;
const NAME = /^[a-zA-Z0-9_-]{1,128}$/;

/** What the API refuses of tools and of how their calls and results are paired. */
export function toolsProblem(tools: unknown, messages: unknown): string | null {
  return definitionsProblem(tools) ?? pairingProblem(messages as readonly Json[], tools);
}

function definitionsProblem(tools: unknown): string | null {
  if (tools === undefined) return null;
  if (!Array.isArray(tools)) return "tools: Input should be a valid list";
  const names = new Set<unknown>();
  for (const [index, tool] of (tools as readonly Json[]).entries()) {
    const extra = Object.keys(tool).find((field) => !TOOL_FIELDS.has(field));
    if (extra !== undefined)
      return `tools.${index}.custom.${extra}: Extra inputs are not permitted`;
    if (typeof tool.name !== "string" || !NAME.test(tool.name)) {
      return `tools.${index}.custom.name: String should match pattern '${NAME.source}'`;
    }
    if (names.has(tool.name)) return "tools: Tool names must be unique.";
    names.add(tool.name);
    const schema = tool.input_schema as Json | undefined;
    if (schema?.type !== "object") {
      return `tools.${index}.custom.input_schema.type: Input should be 'object'`;
    }
  }
  return null;
}

const TOOL_FIELDS = new Set([
  "type",
  "name",
  "description",
  "input_schema",
  "cache_control",
  "strict",
  "eager_input_streaming",
]);

/** Every call is answered in the very next message, and nothing is answered that wasn't called. */
function pairingProblem(messages: readonly Json[], tools: unknown): string | null {
  let open: readonly unknown[] = [];
  for (const [index, message] of messages.entries()) {
    const blocks = (Array.isArray(message.content) ? message.content : []) as readonly Json[];
    const results = blocks
      .filter(({ type }) => type === "tool_result")
      .map((one) => one.tool_use_id);
    const stray = results.find((id) => !open.includes(id));
    if (stray !== undefined) {
      return `messages.${index}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
    }
    const missing = open.filter((id) => !results.includes(id));
    if (missing.length > 0) {
      return `messages.${index - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
    }
    open = blocks.filter(({ type }) => type === "tool_use").map(({ id }) => id);
    if ((open.length > 0 || results.length > 0) && tools === undefined) {
      return "tools: Field required when messages contain tool_use or tool_result blocks";
    }
  }
  return open.length === 0
    ? null
    : `messages.${messages.length - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(", ")}`;
}
