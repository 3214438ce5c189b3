import Anthropic, { type Middleware } from "@anthropic-ai/sdk";

export interface AnthropicAccess {
  readonly apiKey: string;
  /** Null: the public API. */
  readonly baseURL: string | null;
  /** How often the SDK tries a request again by itself; default 3. */
  readonly maxRetries?: number;
}

const PUBLIC_API = "https://api.anthropic.com";
const DEFAULT_RETRIES = 3;
/** A run holds a slot, so it doesn't sleep longer than this for a server that asks it to. */
const LONGEST_WAIT_S = 10;
const TOO_MANY_REQUESTS = 429;

/** A client that reads no key from the environment: config is the only reader of it. */
export function createRunClient({ apiKey, baseURL, maxRetries }: AnthropicAccess): Anthropic {
  return new Anthropic({
    apiKey,
    authToken: null,
    webhookKey: null,
    baseURL: baseURL ?? PUBLIC_API,
    maxRetries: maxRetries ?? DEFAULT_RETRIES,
    logLevel: "off",
    openTelemetry: false,
    middleware: [leaveWaitingToTheFleet],
  });
}

/**
 * The SDK would sleep through a limit inside the run, and every other run would meet the same one. A
 * limit, and a long `retry-after`, end the run instead, so that the provider is paused for all.
 */
const leaveWaitingToTheFleet: Middleware = async (request, next) => {
  const response = await next(request);
  const wait = Number.parseFloat(response.headers.get("retry-after") ?? "0");
  if (response.status !== TOO_MANY_REQUESTS && !(wait > LONGEST_WAIT_S)) return response;
  const headers = new Headers(response.headers);
  headers.set("x-should-retry", "false");
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
};
