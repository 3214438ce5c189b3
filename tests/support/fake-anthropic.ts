import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { checkRequest, type Refusal } from "./fake-anthropic-refusals.js";

/** How the double answers one request it would otherwise accept. */
export type ScriptedAnswer =
  /** A text block holding this as JSON: what a structured output looks like. */
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "text"; readonly text: string; readonly stopReason?: string }
  /** Content blocks as they are, for tool use. */
  | { readonly kind: "blocks"; readonly content: readonly unknown[]; readonly stopReason: string }
  | { readonly kind: "error"; readonly status: 429 | 500 | 529; readonly retryAfter?: number }
  /** Half a body, then the connection is gone. */
  | { readonly kind: "cut" }
  /** 200 with a body that isn't JSON. */
  | { readonly kind: "garbage" }
  /** Nothing, until the caller gives up. */
  | { readonly kind: "silence" };

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

const ERROR_TYPES: Readonly<Record<number, string>> = {
  429: "rate_limit_error",
  500: "api_error",
  529: "overloaded_error",
};
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
      send(response, 200, message(request, [textBlock(JSON.stringify(scripted.value))]));
      return;
    case "text":
      send(response, 200, message(request, [textBlock(scripted.text)], scripted.stopReason));
      return;
    case "blocks":
      send(response, 200, message(request, scripted.content, scripted.stopReason));
      return;
    case "error":
      if (scripted.retryAfter !== undefined) {
        response.setHeader("retry-after", String(scripted.retryAfter));
      }
      refuse(response, {
        status: scripted.status,
        type: ERROR_TYPES[scripted.status] ?? "api_error",
        message: "scripted",
      });
      return;
    case "cut":
      response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
      response.write('{"id":"msg_', () => response.destroy());
      return;
    case "garbage":
      response.writeHead(200, { "content-type": "application/json" });
      response.end("<html>gateway</html>");
      return;
    case "silence":
      return;
  }
}

function textBlock(text: string) {
  return { type: "text", text, citations: null };
}

function message(request: Record<string, unknown>, content: readonly unknown[], stop = "end_turn") {
  return {
    id: "msg_fake",
    type: "message",
    role: "assistant",
    model: request.model,
    content,
    stop_reason: stop,
    stop_sequence: null,
    usage: { input_tokens: 100, output_tokens: 20 },
  };
}

function refuse(response: ServerResponse, { status, type, message: text }: Refusal): void {
  send(response, status, {
    type: "error",
    error: { type, message: text },
    request_id: "req_fake",
  });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "request-id": "req_fake" });
  response.end(JSON.stringify(body));
}
