import { TrackerError } from "../engine/tracker.js";
import { readJson, refusal, retryAfter } from "./http-answer.js";

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_REDIRECTS = 3;

export interface HttpClientOptions {
  /** How errors call the server: `Gitea`, `Plane`. */
  readonly name: string;
  /** Root of the API, without a trailing slash. */
  readonly base: string;
  /** Carries the credential; sent to the origin of `base` and nowhere else. */
  readonly credential: { readonly header: string; readonly value: string; readonly secret: string };
  readonly fetch?: typeof globalThis.fetch;
  /** Upper bound of one call with its redirects and its body. Default 10 s. */
  readonly timeoutMs?: number;
  /** Milliseconds since the epoch; default the clock. */
  readonly now?: () => number;
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below `base`; its segments must be encoded (`segment`). */
  readonly path: string;
  readonly body?: unknown;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Makes one call. @throws TrackerError for everything but a 2xx whose body is JSON or empty. */
export type HttpClient = (request: HttpRequest) => Promise<HttpAnswer>;

/** One path segment that came from outside: it can't leave its place in the path. */
export function segment(value: string | number): string {
  const text = String(value);
  if (text === "" || text === "." || text === "..") {
    throw new TrackerError("tracker-refused", `"${text}" can't be part of a tracker's address`, {
      retryable: false,
    });
  }
  return encodeURIComponent(text);
}

/**
 * An HTTP client for one tracker: a time limit on every call, no credential to another origin,
 * and no token in any message, the server's own included.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const base = parsedBase(options);
  const send = options.fetch ?? globalThis.fetch;
  return async (request) => {
    const what = `${options.name}: ${request.method} ${request.path.split("?")[0]}`;
    const signal = AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const headers = requestHeaders(options, request);
    const init = { ...requestInit(request), headers, signal, redirect: "manual" as const };
    const response = await overNetwork(what, async () =>
      followed(send, new URL(base.href + request.path), init, what),
    );
    const text = await overNetwork(what, () => response.text());
    if (!response.ok) {
      const wait = retryAfter(response.headers, (options.now ?? Date.now)());
      throw refusal(what, response.status, text, wait, options.credential.secret);
    }
    return { status: response.status, headers: response.headers, body: readJson(what, text) };
  };
}

function parsedBase({ name, base }: HttpClientOptions): URL {
  if (!URL.canParse(base)) {
    throw new TrackerError("tracker-refused", `${name}: the configured address is no URL`, {
      retryable: false,
    });
  }
  return new URL(base);
}

/** A header error quotes its value, so it must not be passed on. */
function requestHeaders({ name, credential }: HttpClientOptions, request: HttpRequest): Headers {
  const headers = new Headers({ accept: "application/json" });
  if (request.body !== undefined) headers.set("content-type", "application/json");
  try {
    headers.set(credential.header, credential.value);
  } catch {
    throw new TrackerError(
      "tracker-refused",
      `${name}: the token has characters that a header can't carry (a line break at its end?)`,
      { retryable: false },
    );
  }
  return headers;
}

function requestInit(request: HttpRequest): { method: string; body?: string } {
  return request.body === undefined
    ? { method: request.method }
    : { method: request.method, body: JSON.stringify(request.body) };
}

/** Follows redirects within the origin; a write only where its method and body are kept. */
async function followed(
  send: typeof globalThis.fetch,
  start: URL,
  init: RequestInit,
  what: string,
): Promise<Response> {
  let url = start;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const response = await send(url, init);
    const location = response.status >= 300 && response.headers.get("location");
    if (!location) return response;
    await response.body?.cancel();
    const next = URL.canParse(location, url.href) ? new URL(location, url.href) : null;
    const keepsRequest =
      init.method === "GET" || response.status === 307 || response.status === 308;
    if (next === null || next.origin !== start.origin || !keepsRequest) {
      throw new TrackerError(
        "tracker-refused",
        `${what} is redirected to ${next?.origin ?? "an unreadable address"}; configure the tracker's final address`,
        { retryable: false, status: response.status },
      );
    }
    url = next;
  }
  throw new TrackerError("tracker-unexpected", `${what} is redirected in circles`, {
    retryable: false,
  });
}

/** Names the network's error by its code alone: messages of `fetch` may quote what was sent. */
async function overNetwork<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TrackerError) throw error;
    throw new TrackerError("tracker-unavailable", `${what} failed: ${networkReason(error)}`, {
      retryable: true,
    });
  }
}

function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return "unknown reason";
  if (error.name === "TimeoutError") return "no answer in time";
  const cause = error.cause;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : error.name;
  return `the server can't be reached (${code})`;
}
