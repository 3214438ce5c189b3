import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

export interface DoubleRequest {
  readonly method: string;
  /** As sent: still encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown;
}

export interface DoubleAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface DoubleServer {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Method and path of every request so far, oldest first. */
  readonly requests: readonly string[];
  /**
   * The next `count` requests are answered with `status` and an empty message. `only`: those of
   * which it matches method and path, as in `requests`.
   */
  failNext(
    count: number,
    status: number,
    headers?: Readonly<Record<string, string>>,
    only?: RegExp,
  ): void;
  /** Closes the server and every connection to it. */
  stop(): Promise<void>;
}

/** An HTTP server on a free loopback port that answers with what `handle` returns, as JSON. */
export async function startDouble(
  handle: (request: DoubleRequest) => Promise<DoubleAnswer> | DoubleAnswer,
): Promise<DoubleServer> {
  const requests: string[] = [];
  const failures: { readonly answer: DoubleAnswer; readonly only: RegExp }[] = [];
  const failureOf = (request: string): DoubleAnswer | undefined => {
    const next = failures.findIndex(({ only }) => only.test(request));
    return next === -1 ? undefined : failures.splice(next, 1)[0]?.answer;
  };
  const server = createServer((incoming, response) => {
    const request = `${incoming.method} ${incoming.url}`;
    requests.push(request);
    answerTo(incoming, handle, failureOf(request)).then(
      (answer) => send(response, answer),
      (error: unknown) => send(response, { status: 500, body: { message: String(error) } }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    failNext: (count, status, headers = {}, only = /^/) => {
      const answer = { status, headers, body: { message: "" } };
      for (let i = 0; i < count; i++) failures.push({ answer, only });
    },
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

async function answerTo(
  incoming: IncomingMessage,
  handle: (request: DoubleRequest) => Promise<DoubleAnswer> | DoubleAnswer,
  failure: DoubleAnswer | undefined,
): Promise<DoubleAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  if (failure !== undefined) return failure;
  const text = Buffer.concat(chunks).toString("utf8");
  const url = new URL(incoming.url ?? "/", "http://double");
  let body: unknown;
  try {
    body = text === "" ? undefined : JSON.parse(text);
  } catch {
    return { status: 422, body: { message: "the body isn't JSON" } };
  }
  return handle({
    method: incoming.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body,
  });
}

function send(response: ServerResponse, { status, body, headers }: DoubleAnswer): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body === undefined ? "" : JSON.stringify(body));
}

/** A field of a request's body, if it is text. */
export function textField(body: unknown, name: string): string | null {
  const value = field(body, name);
  return typeof value === "string" ? value : null;
}

export function field(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null && name in body
    ? Reflect.get(body, name)
    : undefined;
}

/** Handlers by method and path pattern; the pattern's groups are the decoded parameters. */
export type Route = readonly [
  method: string,
  pattern: RegExp,
  handle: (request: DoubleRequest, ...parameters: string[]) => Promise<DoubleAnswer> | DoubleAnswer,
];

/** The first fitting route's answer; null: none fits. */
export async function routed(
  routes: readonly Route[],
  request: DoubleRequest,
): Promise<DoubleAnswer | null> {
  for (const [method, pattern, handle] of routes) {
    const match = method === request.method ? pattern.exec(request.path) : null;
    if (match !== null) return handle(request, ...match.slice(1).map(decodeURIComponent));
  }
  return null;
}
