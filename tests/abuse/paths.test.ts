import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AbusedReceiver, AS_ADMIN, startAbusedReceiver } from "../support/abused-receiver.js";
import { head, type RawAnswer, raw } from "../support/raw-request.js";

const LONG = "x".repeat(4_000);
/** Put in the place of an id, a name or a file. */
const SEGMENTS = [
  "..",
  "..%2f..%2f..%2fetc%2fpasswd",
  "..%5c..%5cwindows",
  "%2e%2e%2f%2e%2e%2fpackage.json",
  "....//....//etc/passwd",
  "%252e%252e%252f",
  "%00",
  "ET-001%00.json",
  "%0d%0aSet-Cookie:%20evil=1",
  "%0aET-001",
  "ET-001%0d%0a",
  "%",
  "%zz",
  "%c0%ae%c0%ae%2f",
  "%ff%fe",
  "%ED%A0%80",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "toString",
  "null",
  "-1",
  "*",
  "{a}",
  "ET-001;ls",
  "ET-001'%20OR%201=1--",
  "<script>alert(1)</script>",
  "%3Cimg%20src=x%20onerror=alert(1)%3E",
  "ET-000000000000000000001",
  LONG,
  "%2f".repeat(1_000),
];
const PLACES = [
  (at: string) => `/${at}`,
  (at: string) => `/items/${at}`,
  (at: string) => `/items/${at}/cancel`,
  (at: string) => `/items/ET-001/${at}`,
  (at: string) => `/items/ET-001/runs/${at}`,
  (at: string) => `/api/items/${at}`,
  (at: string) => `/api/items/${at}/why`,
  (at: string) => `/api/items/ET-001/runs/${at}/log`,
  (at: string) => `/assets/${at}`,
  (at: string) => `/board/${at}`,
  (at: string) => `/board/static/${at}`,
  (at: string) => `/board/queue/${at}`,
  (at: string) => `/board/api/queues/${at}/1`,
  (at: string) => `/board/api/queues/runs/${at}`,
  (at: string) => `/board/api/queues/runs/${at}/logs`,
  (at: string) => `/webhook/${at}`,
];
const VALUES = [
  "",
  "-1",
  "0",
  "1e9",
  "0x10",
  "NaN",
  "Infinity",
  "99999999999999999999",
  "1.5",
  "__proto__",
  "%00",
  "%0d%0aX-Evil:1",
  "%",
  "%E0%A4%A",
  "..%2f..",
  "[object Object]",
  LONG,
  "a&$=b",
];
const QUERIES = [
  "/api/items?limit=",
  "/api/items?cursor=",
  "/api/items?limit=1&limit=",
  "/api/items?__proto__=",
  "/?cursor=",
  "/?project=",
  "/?status=",
  "/?status[]=",
  "/login?token=",
  "/login?token=a&token=",
  "/events?item=",
  "/events?item=ET-404&run=",
  "/board/api/queues?activeQueue=",
  "/board/api/queues?activeQueue=runs&status=",
  "/board/api/queues?activeQueue=runs&page=",
  "/board/api/queues?activeQueue=runs&jobsPerPage=",
  "/board/api/queues?activeQueue=runs&status=failed&page=",
];
const ADMIN = `Authorization: ${AS_ADMIN.Authorization}`;

let abused: AbusedReceiver;

beforeAll(async () => {
  abused = await startAbusedReceiver();
  expect(abused.item).toBe("ET-001");
});
afterAll(() => abused.close());

const get = (path: string, headers: readonly string[] = [ADMIN]) =>
  raw(abused.receiver.url, head(`GET ${path}`, headers));

/** One answer, not a fault of ours, and nothing of the machine or the sender's markup in it. */
function isHarmless({ statuses, text }: RawAnswer): boolean {
  const [status = 0] = statuses;
  const [headers = ""] = text.split("\r\n\r\n");
  return (
    statuses.length === 1 &&
    status >= 200 &&
    status < 500 &&
    !/^(?:set-cookie: evil|x-evil)/im.test(headers) &&
    !/root:x:|"devDependencies"|<script>alert|<img src=x|node_modules|\bat \w+ \(/.test(text)
  );
}

async function harmful(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const answer = await get(path);
    if (!isHarmless(answer)) {
      found.push(`${path.slice(0, 120)} → ${answer.statuses.join()} ${answer.text.slice(-200)}`);
    }
  }
  return found;
}

describe("a path", () => {
  it.each(PLACES.map((place) => [place("…"), place] as const))(
    "with anything hostile in %s is answered harmlessly",
    async (_, place) => {
      expect(await harmful(SEGMENTS.map(place))).toEqual([]);
    },
  );

  it("that climbs, doubles its slashes or names another host reaches nothing without a login", async () => {
    for (const path of [
      "//items",
      "/board/../api/items",
      "/BOARD/api/queues",
      "/Api/items",
      "/api%2fitems",
      "/%61pi/items",
      "/board%2fapi%2fqueues",
      "/.%2fboard/api/queues",
      "http://elsewhere/api/items",
      "http://elsewhere/board/api/queues",
    ]) {
      const { statuses } = await get(path, []);
      expect(statuses, path).toHaveLength(1);
      expect([401, 404], path).toContain(statuses[0]);
    }
  });
});

describe("a query", () => {
  it.each(QUERIES)("%s with anything hostile is answered harmlessly", async (query) => {
    expect(await harmful(VALUES.map((value) => query + value))).toEqual([]);
  });

  it("can't make the board read more than a page of jobs", async () => {
    const query = "/board/api/queues?activeQueue=runs&status=failed";
    expect((await get(`${query}&page=1&jobsPerPage=100`)).statuses).toEqual([200]);
    for (const wide of ["jobsPerPage=1000000", "jobsPerPage=1&jobsPerPage=2", "page=1e300"]) {
      expect((await get(`${query}&${wide}`)).statuses, wide).toEqual([400]);
    }
  });

  it("of thousands of parameters costs no more than its line", async () => {
    const many = Array.from({ length: 1_800 }, (_, at) => `a${at}=1`).join("&");
    expect(await harmful([`/api/items?${many}`, `/?${many}`])).toEqual([]);
    expect((await get(`/?${many}${many}${many}`)).statuses).toEqual([431]);
  });
});

describe("a header", () => {
  it.each([
    ["Cookie", "stagecoach_session=v1.admin.99999999999999.%00"],
    ["Cookie", `stagecoach_session=${LONG}`],
    ["Cookie", `${"a=b; ".repeat(1_000)}`],
    ["Cookie", "__proto__=1; stagecoach_session=__proto__"],
    ["Authorization", `Basic ${"A".repeat(8_000)}`],
    ["Authorization", "Basic %%%"],
    ["Authorization", `Basic ${Buffer.from("\0:\0").toString("base64")}`],
    ["Authorization", "Bearer x"],
    ["Accept", `${"text/html,".repeat(1_000)}`],
    ["Accept-Encoding", "gzip;q=NaN, *;q=-1"],
    ["If-None-Match", `${'"x",'.repeat(2_000)}`],
    ["Range", "bytes=0-0,-1,5-2"],
    ["X-HTTP-Method-Override", "DELETE"],
    ["X-Forwarded-Host", "evil.example"],
    ["Origin", "null"],
    ["Sec-Fetch-Site", "\x80\xff"],
    ["Last-Event-ID", "-1e9"],
    ["Content-Type", "application/json; charset=__proto__"],
  ])("%s: %s lets nobody in and is no fault", async (name, value) => {
    for (const path of ["/", "/api/items", "/board/api/queues", "/login", "/assets/live.js"]) {
      const answer = await get(path, [`${name}: ${value}`]);
      const open = path === "/login" || path.startsWith("/assets/");
      expect(isHarmless(answer), `${path} ${answer.text.slice(0, 200)}`).toBe(true);
      if (!open) expect([401, 429], path).toContain(answer.statuses[0]);
    }
  });

  it("Host names no page's links and no redirect's goal", async () => {
    const answer = await raw(
      abused.receiver.url,
      `GET /items HTTP/1.1\r\nHost: evil.example\r\n${ADMIN}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer.text).not.toContain("evil.example");
  });
});
