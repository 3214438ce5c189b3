import type { IncomingMessage } from "node:http";
import { toolsProblem } from "./fake-anthropic-tool-rules.js";

/** An error as the Messages API words it. */
export interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly code?: string | undefined;
}

export type Checked =
  | { readonly refusal: Refusal }
  | { readonly accepted: Record<string, unknown> };

const KNOWN_FIELDS = new Set(
  `model max_tokens messages system metadata stop_sequences stream temperature thinking tool_choice
  tools top_k top_p output_config service_tier container context_management cache_control`.split(
    /\s+/,
  ),
);
/** The SDK sends its key as a bearer token under the newer one; plain HTTP mostly as `x-api-key`. */
const VERSIONS = new Set(["2023-06-01", "2026-10-21"]);
/** What is served; `-test` is for tests that don't care. */
const MODELS = /^claude-(haiku|sonnet|opus)-(5-5|test)$/;
const CONTEXT_EDITING = "context-management-2025-06-27";
/** JSON schema keywords that structured outputs don't support. */
const UNSUPPORTED = [
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "maxItems",
  "pattern",
  "oneOf",
];

/** What the real endpoint would refuse of a request; else its body. */
export function checkRequest(request: IncomingMessage, body: string, apiKey: string): Checked {
  const path = request.url?.split("?")[0];
  if (path !== "/v1/messages") return refused(404, "not_found_error", "Not found");
  if (request.method !== "POST") return refused(405, "invalid_request_error", "Method Not Allowed");
  const key = request.headers["x-api-key"] ?? bearer(request.headers.authorization);
  if (key === undefined) return unauthorized("x-api-key header is required");
  if (key !== apiKey) return unauthorized("invalid x-api-key");
  if (!VERSIONS.has(String(request.headers["anthropic-version"]))) {
    return invalid("anthropic-version: header is required");
  }
  const parsed = parseObject(body);
  if (parsed === null) return invalid("The request body is not valid JSON");
  const problem = bodyProblem(parsed) ?? betaProblem(request, parsed);
  if (problem !== null) return invalid(problem);
  const model = String(parsed.model);
  return MODELS.test(model)
    ? { accepted: parsed }
    : refused(404, "not_found_error", `model: ${model}`);
}

function bearer(authorization: string | undefined): string | undefined {
  return /^Bearer (.+)$/.exec(authorization ?? "")?.[1];
}

function bodyProblem(body: Record<string, unknown>): string | null {
  const extra = Object.keys(body).find((field) => !KNOWN_FIELDS.has(field));
  if (extra !== undefined) return `${extra}: Extra inputs are not permitted`;
  for (const field of ["model", "max_tokens", "messages"]) {
    if (!(field in body)) return `${field}: Field required`;
  }
  if (typeof body.model !== "string" || body.model === "") {
    return "model: String should have at least 1 character";
  }
  if (!Number.isInteger(body.max_tokens) || Number(body.max_tokens) < 1) {
    return "max_tokens: Input should be greater than or equal to 1";
  }
  return (
    messagesProblem(body.messages) ??
    toolsProblem(body.tools, body.messages) ??
    formatProblem(body.output_config)
  );
}

/** Fields of a beta are unknown without its header, and only under the beta's address. */
function betaProblem(request: IncomingMessage, body: Record<string, unknown>): string | null {
  if (!("context_management" in body)) return null;
  const betas = String(request.headers["anthropic-beta"] ?? "").split(",");
  return betas.includes(CONTEXT_EDITING)
    ? null
    : "context_management: Extra inputs are not permitted";
}

function messagesProblem(messages: unknown): string | null {
  if (!Array.isArray(messages)) return "messages: Input should be a valid list";
  if (messages.length === 0) return "messages: at least one message is required";
  for (const [index, message] of messages.entries()) {
    if (!isObject(message)) return `messages.${index}: Input should be a valid dictionary`;
    if (message.role !== "user" && message.role !== "assistant") {
      return `messages.${index}.role: Input should be 'user' or 'assistant'`;
    }
    const { content } = message;
    if (typeof content !== "string" && !Array.isArray(content)) {
      return `messages.${index}.content: Field required`;
    }
    if (content.length === 0) {
      return `messages.${index}: user messages must have non-empty content`;
    }
  }
  return messages[0].role === "user" ? null : 'messages: first message must use the "user" role';
}

function formatProblem(outputConfig: unknown): string | null {
  if (outputConfig === undefined) return null;
  if (!isObject(outputConfig)) return "output_config: Input should be a valid dictionary";
  const { format } = outputConfig;
  if (format === undefined) return null;
  if (!isObject(format) || format.type !== "json_schema" || !isObject(format.schema)) {
    return "output_config.format: type should be 'json_schema' with a schema";
  }
  return schemaProblem(format.schema, "output_config.format.schema");
}

function schemaProblem(schema: unknown, path: string): string | null {
  if (Array.isArray(schema)) return firstProblem(schema.entries(), path);
  if (!isObject(schema)) return null;
  const keyword = UNSUPPORTED.find((name) => Object.hasOwn(schema, name));
  if (keyword !== undefined && !path.endsWith(".properties")) {
    return `${path}: For this type, property '${keyword}' is not supported`;
  }
  if (schema.type === "object" && schema.additionalProperties !== false) {
    return `${path}: For 'object' type, 'additionalProperties' must be explicitly set to false`;
  }
  return firstProblem(Object.entries(schema), path);
}

function firstProblem(entries: Iterable<[string | number, unknown]>, path: string): string | null {
  for (const [name, inner] of entries) {
    const problem = schemaProblem(inner, `${path}.${name}`);
    if (problem !== null) return problem;
  }
  return null;
}

function refused(status: number, type: string, text: string): Checked {
  return { refusal: { status, type, message: text } };
}

function unauthorized(text: string): Checked {
  return refused(401, "authentication_error", text);
}

function invalid(text: string): Checked {
  return refused(400, "invalid_request_error", text);
}

function parseObject(body: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
