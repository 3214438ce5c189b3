import { createServer, type RequestListener, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { createHttpClient, type HttpClientOptions } from "../../../src/trackers/http-client.js";

const SECRET = "top-secret";
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("not listening");
  return `http://127.0.0.1:${address.port}`;
}

const client = (base: string, options: Partial<HttpClientOptions> = {}) =>
  createHttpClient({
    name: "Gitea",
    base: `${base}/api/v1`,
    credential: { header: "authorization", value: `token ${SECRET}`, secret: SECRET },
    ...options,
  });
const GET = { method: "GET", path: "/thing" } as const;

describe("redirects", () => {
  it("don't take the token to another origin", async () => {
    const stolen: unknown[] = [];
    const other = await serve((request, response) => {
      stolen.push(request.headers.authorization);
      response.end("{}");
    });
    const base = await serve((_request, response) =>
      response.writeHead(307, { location: `${other}/api/v1/thing` }).end(),
    );
    await expect(client(base)(GET)).rejects.toMatchObject({
      code: "tracker-refused",
      retryable: false,
    });
    expect(stolen).toEqual([]);
  });

  it("are followed within the origin", async () => {
    const base = await serve((request, response) =>
      request.url === "/api/v1/thing"
        ? response.writeHead(301, { location: "/api/v1/renamed" }).end()
        : response.end(JSON.stringify(request.url)),
    );
    expect(await client(base)(GET)).toMatchObject({ body: "/api/v1/renamed" });
  });

  it("don't turn a write into a read", async () => {
    const base = await serve((_request, response) =>
      response.writeHead(301, { location: "/api/v1/renamed" }).end("{}"),
    );
    const write = { method: "POST", path: "/thing", body: {} } as const;
    await expect(client(base)(write)).rejects.toMatchObject({ code: "tracker-refused" });
  });

  it("in circles come to an end", async () => {
    const base = await serve((_request, response) =>
      response.writeHead(302, { location: "/api/v1/thing" }).end(),
    );
    await expect(client(base)(GET)).rejects.toMatchObject({ code: "tracker-unexpected" });
  });
});

describe("answers", () => {
  it.each([
    [429, { "retry-after": "7" }, "tracker-rate-limited", true, 7000],
    [429, { "x-ratelimit-reset": "2000000012" }, "tracker-rate-limited", true, 12_000],
    [429, { "retry-after": "Wed, 18 May 2033 03:33:25 GMT" }, "tracker-rate-limited", true, 5000],
    [429, {}, "tracker-rate-limited", true, null],
    [503, { "retry-after": "2" }, "tracker-unavailable", true, 2000],
    [500, {}, "tracker-unavailable", true, null],
    [403, {}, "tracker-refused", false, null],
    [422, {}, "tracker-refused", false, null],
  ])("of status %i with %o are %s", async (status, headers, code, retryable, retryAfterMs) => {
    const base = await serve((_request, response) => response.writeHead(status, headers).end());
    const call = client(base, { now: () => 2_000_000_000_000 })(GET);
    await expect(call).rejects.toMatchObject({ status, code, retryable, retryAfterMs });
  });

  it("that aren't JSON are unexpected, and may be a proxy's for a while", async () => {
    const base = await serve((_request, response) => response.end("<h1>Maintenance</h1>"));
    await expect(client(base)(GET)).rejects.toMatchObject({
      code: "tracker-unexpected",
      retryable: true,
    });
  });

  it("that break off in the middle are a network error", async () => {
    const base = await serve((_request, response) => {
      response.writeHead(200, { "content-length": "1000" }).write("{");
      response.destroy();
    });
    await expect(client(base)(GET)).rejects.toMatchObject({ code: "tracker-unavailable" });
  });

  it("that never end are given up", async () => {
    const base = await serve((_request, response) => {
      response.writeHead(200).write("{");
    });
    const call = client(base, { timeoutMs: 50 })(GET);
    await expect(call).rejects.toThrow("no answer in time");
  });
});

describe("the token", () => {
  it("isn't repeated when the server quotes it", async () => {
    const message = `token ${SECRET} is unknown`;
    const base = await serve((_request, response) =>
      response.writeHead(401).end(JSON.stringify({ message })),
    );
    await expect(client(base)(GET)).rejects.toThrow("token *** is unknown");
  });

  it("isn't repeated when it can't be sent", async () => {
    const credential = { header: "authorization", value: `token ${SECRET}\nx`, secret: SECRET };
    const error = await client("http://127.0.0.1:1", { credential })(GET).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "tracker-refused", retryable: false, cause: undefined });
    expect(String(error)).not.toContain(SECRET);
  });

  it("is sent as it is", async () => {
    const base = await serve((request, response) =>
      response.end(JSON.stringify(request.headers.authorization)),
    );
    expect(await client(base)(GET)).toMatchObject({ body: `token ${SECRET}` });
  });
});
