import { describe, expect, it } from "vitest";
import { createLimitedServer, SERVER_LIMITS } from "../../../src/http/server.js";

describe("the receiver's server", () => {
  it("has every limit set, none left to Node's defaults", () => {
    const server = createLimitedServer(() => undefined);
    const { headersTimeout, requestTimeout, keepAliveTimeout, timeout, maxConnections } = server;
    expect({
      headersTimeout,
      requestTimeout,
      keepAliveTimeout,
      timeout,
      maxConnections,
    }).toEqual({
      headersTimeout: SERVER_LIMITS.headersTimeout,
      requestTimeout: SERVER_LIMITS.requestTimeout,
      keepAliveTimeout: SERVER_LIMITS.keepAliveTimeout,
      timeout: SERVER_LIMITS.timeout,
      maxConnections: SERVER_LIMITS.maxConnections,
    });
  });

  it("closes an idle connection later than proxies do, and a stuck one later than that", () => {
    expect(SERVER_LIMITS.keepAliveTimeout).toBeGreaterThan(60_000);
    expect(SERVER_LIMITS.timeout).toBeGreaterThan(SERVER_LIMITS.keepAliveTimeout);
  });
});
