import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { checkRequest, type Refusal } from "./fake-anthropic-refusals.js";
import { eventsOf, FAKE_USAGE, type FakeMessage } from "./fake-anthropic-stream.js";

/** How the double answers one request it would otherwise accept. */
export type ScriptedAnswer =
  /** A text block holding this as JSON: what a structured output looks like. */
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "text"; readonly text: string; readonly stopReason?: string }
  /** Content blocks as they are, for tool use. */
  | { readonly kind: "blocks"; readonly content: readonly unknown[]; readonly stopReason: string }
  | ErrorAnswer
  /** Half a body, then the connection is gone. */
  | { readonly kind: "cut" }
  /** A stream whose headers and first half came well, and then an error as an event. */
  | { readonly kind: "error-event"; readonly type: string }
  /** The first half of a stream, then nothing until the caller gives up. */
  | { readonly kind: "stall" }
  /** 200 with a body that isn't JSON. */
  | { readonly kind: "garbage" }
  /** Nothing, until the caller gives up. */
  | { readonly kind: "silence" };

export interface ErrorAnswer {
  readonly kind: "error";
  readonly status: keyof typeof ERROR_TYPES;
  readonly retryAfter?: number | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly message?: string;
  /** `details.error_code` of the body. */
  readonly code?: string;
}

/** Blocks a model would answer with to call tools. */
export function toolUses(...calls: readonly (readonly [name: string, input: unknown])[]) {
  const content = calls.map(([name, input], index) => ({
    type: "tool_use",
    id: `toolu_${String(index).padStart(2, "0")}_${Math.random().toString(36).slice(2, 10)}`,
    name,
    input,
  }));
  return { kind: "blocks", content, stopReason: "tool_use" } as const;
}

export interface FakeAnthropic {
  readonly url: string;
  readonly apiKey: string;
  /** Bodies of the requests that were well-formed, in order. */
  readonly requests: readonly Record<string, unknown>[];
  /** Everything that arrived, refused or not. */
  calls(): number;
  /** Answers in this order; afterwards `otherwise`, or a 500. */
  script(...answers: ScriptedAnswer[]): void;
  otherwise(answer: (request: Record<string, unknown>) => ScriptedAnswer): void;
  /** Resolves once that many calls have arrived. */
  arrived(calls: number): Promise<void>;
  close(): Promise<void>;
}

const ERROR_TYPES = {
  400: "invalid_request_error",
  402: "billing_error",
  403: "permission_error",
  413: "request_too_large",
  429: "rate_limit_error",
  500: "api_error",
  529: "overloaded_error",
} as const;
/** A double of `POST /v1/messages` that refuses what the real one refuses, with its error bodies. */
export async function startFakeAnthropic(apiKey = "sk-ant-test-key"): Promise<FakeAnthropic> {
  const requests: Record<string, unknown>[] = [];
  const scripted: ScriptedAnswer[] = [];
  const waiting = new Set<{ readonly calls: number; readonly done: () => void }>();
  let fallback: (request: Record<string, unknown>) => ScriptedAnswer = () => ({
    kind: "error",
    status: 500,
  });
  let calls = 0;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    calls++;
    for (const waiter of waiting) if (calls >= waiter.calls) waiter.done();
    const checked = checkRequest(request, body, apiKey);
    if ("refusal" in checked) {
      refuse(response, checked.refusal);
      return;
    }
    requests.push(checked.accepted);
    answer(response, scripted.shift() ?? fallback(checked.accepted), checked.accepted);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    apiKey,
    requests,
    calls: () => calls,
    script: (...answers) => void scripted.push(...answers),
    otherwise: (answers) => {
      fallback = answers;
    },
    arrived: (wanted) =>
      new Promise((done) => {
        if (calls >= wanted) done();
        else waiting.add({ calls: wanted, done });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function answer(
  response: ServerResponse,
  scripted: ScriptedAnswer,
  request: Record<string, unknown>,
): void {
  switch (scripted.kind) {
    case "json":
      deliver(response, request, message(request, [textBlock(JSON.stringify(scripted.value))]));
      return;
    case "text":
      deliver(response, request, message(request, [textBlock(scripted.text)], scripted.stopReason));
      return;
    case "blocks":
      deliver(response, request, message(request, scripted.content, scripted.stopReason));
      return;
    case "error":
      fail(response, scripted);
      return;
    case "cut":
      if (request.stream === true) {
        begin(response, request, () => response.destroy());
        return;
      }
      response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
      response.write('{"id":"msg_', () => response.destroy());
      return;
    case "garbage":
      response.writeHead(200, { "content-type": "application/json" });
      response.end("<html>gateway</html>");
      return;
    case "error-event":
      begin(response, request, () => {
        const error = { type: scripted.type, message: "scripted" };
        response.end(`event: error\ndata: ${JSON.stringify({ type: "error", error })}\n\n`);
      });
      return;
    case "stall":
      begin(response, request, () => undefined);
      return;
    case "silence":
      return;
  }
}

function fail(response: ServerResponse, scripted: ErrorAnswer): void {
  const { status, retryAfter, headers = {}, message: text = "scripted", code } = scripted;
  if (retryAfter !== undefined) response.setHeader("retry-after", String(retryAfter));
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  refuse(response, { status, type: ERROR_TYPES[status], message: text, code });
}

/** The first half of a streamed answer, then `next` once it is on its way. */
function begin(response: ServerResponse, request: Record<string, unknown>, next: () => void): void {
  const events = eventsOf(message(request, [textBlock("half an answer")]));
  response.writeHead(200, { "content-type": "text/event-stream", "request-id": "req_fake" });
  response.write(events.slice(0, 3).join(""), next);
}

function deliver(
  response: ServerResponse,
  request: Record<string, unknown>,
  answered: FakeMessage,
): void {
  if (request.stream !== true) {
    send(response, 200, answered);
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream", "request-id": "req_fake" });
  for (const event of eventsOf(answered)) response.write(event);
  response.end();
}

function textBlock(text: string) {
  return { type: "text", text, citations: null };
}

function message(
  request: Record<string, unknown>,
  content: readonly unknown[],
  stop = "end_turn",
): FakeMessage {
  return {
    id: "msg_fake",
    type: "message",
    role: "assistant",
    model: String(request.model),
    content,
    stop_reason: stop,
    stop_sequence: null,
    usage: FAKE_USAGE,
  };
}

function refuse(response: ServerResponse, { status, type, message: text, code }: Refusal): void {
  const details = code === undefined ? {} : { details: { error_code: code } };
  send(response, status, {
    type: "error",
    error: { type, message: text, ...details },
    request_id: "req_fake",
  });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "request-id": "req_fake" });
  response.end(JSON.stringify(body));
}
