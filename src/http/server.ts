import { createServer, type RequestListener, type Server } from "node:http";

/** What one sender, and all together, may take up. Times in ms. */
export interface ServerLimits {
  /** From the connection, or the request's first byte, to the end of its headers; then 408. */
  readonly headersTimeout: number;
  /** The same to the end of its body. */
  readonly requestTimeout: number;
  /** How often the two above are looked after. */
  readonly connectionsCheckingInterval: number;
  /** An idle connection is kept this long for its next request. */
  readonly keepAliveTimeout: number;
  /** A connection over which nothing moves in either direction: a reader who doesn't read. */
  readonly timeout: number;
  /** Bytes of the request's line and headers; more is 431. */
  readonly maxHeaderSize: number;
  /** More connections are closed as they come. Node's own files and Redis need descriptors too. */
  readonly maxConnections: number;
}

export const SERVER_LIMITS: ServerLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  // Longer than proxies keep an idle connection (60 s): a webhook sent into one that is being closed
  // is lost, as Gitea doesn't send it again.
  keepAliveTimeout: 75_000,
  // Longer than the one above, and than the beat of live pages (15 s).
  timeout: 120_000,
  maxHeaderSize: 16 * 1024,
  maxConnections: 16_384,
};

/** A server that no sender can hold up: every wait for one ends by these limits. Not yet listening. */
export function createLimitedServer(
  listener: RequestListener,
  limits: ServerLimits = SERVER_LIMITS,
): Server {
  const { timeout, maxConnections, ...options } = limits;
  const server = createServer(options, listener);
  server.maxConnections = maxConnections;
  server.timeout = timeout;
  return server;
}
