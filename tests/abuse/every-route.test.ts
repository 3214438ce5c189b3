import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type AbusedReceiver,
  AS_ADMIN,
  AS_VIEWER,
  startAbusedReceiver,
} from "../support/abused-receiver.js";
import { cookieOf, form } from "../support/operator-app.js";
import { readEverything } from "../support/redis-dump.js";
import { pathsOf, type Route, receiverRoutes } from "../support/routes.js";
import { BOARD_PASSWORD } from "../support/running-fleet.js";

/** Open to anybody; webhooks ask for a signature instead. Every other route must ask for a login. */
const OPEN = [
  "/webhook/gitea",
  "/webhook/plane",
  "/healthz",
  "/readyz",
  "/metrics",
  "/login",
  "/logout",
];
const ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const READS = ["GET", "HEAD", "OPTIONS"];
const JOB = "a-parked-job";

let abused: AbusedReceiver;
let routes: Route[];

beforeAll(async () => {
  abused = await startAbusedReceiver();
  routes = receiverRoutes();
  const runs = abused.store.queues.get("runs");
  await runs.add("run", {} as never, { jobId: JOB, delay: 86_400_000 });
});
afterAll(() => abused.close());

/** Every path once with each of the methods, as `METHOD path`, where the route doesn't stand open. */
function guarded(methods: readonly string[]): string[] {
  const paths = routes
    .filter(({ path }) => !OPEN.includes(path))
    .flatMap((route) => pathsOf(route, abused.item, JOB));
  return [...new Set(paths)].flatMap((path) => methods.map((method) => `${method} ${path}`));
}

/** What isn't answered with `status`. */
async function exceptions(
  requests: readonly string[],
  headers: Record<string, string>,
  status: number,
) {
  const found: string[] = [];
  for (const request of requests) {
    const answered = await statusOf(request, headers);
    if (answered !== status) found.push(`${request} → ${answered}`);
  }
  return found;
}

async function statusOf(request: string, headers: Record<string, string>): Promise<number> {
  const [method = "", path = ""] = request.split(" ");
  const body = READS.includes(method) ? null : "{}";
  const response = await fetch(abused.receiver.url + path, {
    method,
    headers: { "Content-Type": "application/json", ...headers },
    body,
    redirect: "manual",
  });
  await response.arrayBuffer();
  return response.status;
}

/** All that is stored, without what time alone changes. */
function stored(): Promise<string> {
  const { redis, prefix } = abused.store;
  return readEverything(redis, `${prefix.replace(/[{}]/g, "?")}*`);
}

async function changingNothing(act: () => Promise<void>): Promise<void> {
  const before = await stored();
  expect(before).toContain(abused.item);
  expect(before).toContain(JOB);
  await act();
  expect(await stored()).toBe(before);
}

const writes = () => guarded(ALL_METHODS.filter((method) => !READS.includes(method)));

describe("every route of the app's own routers", () => {
  it("is known, one of each router at least", () => {
    const paths = routes.map(({ method, path }) => `${method} ${path}`);
    for (const known of [
      "POST /webhook/gitea",
      "POST /login",
      "GET /api/items/:id",
      "GET /events",
      "GET /graph",
      "POST /items/:id/:command",
      "PUT /board/api/queues/:queueName/pause",
    ]) {
      expect(paths).toContain(known);
    }
    expect(paths.filter((path) => path.includes("/board")).length).toBeGreaterThan(30);
  });

  it("is 401 to anybody, in every method, and nothing is changed", async () => {
    await changingNothing(async () => {
      expect(await exceptions(guarded(ALL_METHODS), {}, 401)).toEqual([]);
    });
  });

  it("is 403 to a viewer's writes, and nothing is changed", async () => {
    await changingNothing(async () => {
      expect(await exceptions(writes(), AS_VIEWER, 403)).toEqual([]);
    });
  });

  it.each([
    ["another site", { "Sec-Fetch-Site": "cross-site" }],
    ["another port of this host", { "Sec-Fetch-Site": "same-site" }],
    ["an old browser at another site", { Origin: "https://evil.example" }],
    ["a page without an origin", { Origin: "null" }],
  ])(
    "is 403 to writes from %s, with the admin's password or session, and nothing is changed",
    async (_, from) => {
      const fields = { username: "admin", password: BOARD_PASSWORD };
      const login = await fetch(`${abused.receiver.url}/login`, {
        ...form(fields),
        redirect: "manual",
      });
      await changingNothing(async () => {
        expect(await exceptions(writes(), { ...AS_ADMIN, ...from }, 403)).toEqual([]);
        expect(await exceptions(writes(), { ...cookieOf(login), ...from }, 403)).toEqual([]);
        expect(await exceptions(["POST /login", "POST /logout"], from, 403)).toEqual([]);
      });
    },
  );

  it("that stands open changes nothing for anybody without a signature", async () => {
    await changingNothing(async () => {
      for (const path of OPEN) {
        for (const method of ALL_METHODS) {
          expect(await statusOf(`${method} ${path}`, {}), `${method} ${path}`).toBeLessThan(500);
        }
      }
      expect(await exceptions(["POST /webhook/gitea", "POST /webhook/plane"], {}, 401)).toEqual([]);
    });
  });

  it("reads for a viewer without a fault, and changes nothing by a GET", async () => {
    const endless = "/events";
    const paths = guarded(["GET"]).filter((request) => !request.endsWith(endless));
    await changingNothing(async () => {
      for (const request of paths) {
        const status = await statusOf(request, AS_VIEWER);
        expect(status, request).toBeLessThan(500);
        expect(status, request).not.toBe(401);
      }
    });
  });
});
