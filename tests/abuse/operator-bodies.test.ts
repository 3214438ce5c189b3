import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AbusedReceiver, startAbusedReceiver } from "../support/abused-receiver.js";
import { LONGEST_DELAY_MS, measured } from "../support/measured.js";
import { cookieOf, form } from "../support/operator-app.js";
import {
  AS_EVER,
  BODIES,
  type Body,
  FORM_TYPE,
  inChunks,
  JSON_TYPE,
  length,
  type Reader,
} from "../support/operator-bodies.js";
import { head, raw } from "../support/raw-request.js";
import { pathsOf, receiverRoutes } from "../support/routes.js";
import { BOARD_PASSWORD } from "../support/running-fleet.js";

const KB = 1024;
const MB = 1024 * KB;
const JOB = "a-parked-job";
/** Bodies that cost their reader the most. */
const COSTLY: readonly string[] = [
  "an array 100,000 deep",
  "20,000 names",
  "JSON just within its limit",
  "JSON over its limit, in chunks",
  "a form deep in dots",
  "1,500 fields",
];

interface Write {
  /** `PUT /board/…` */
  readonly line: string;
  readonly reader: Reader;
}

let abused: AbusedReceiver;
let origin: string;
let writes: Write[];
let session: string;
/** What a write is answered that brings `{}`, once it has been done before; the admin's and a stranger's. */
let asEver: Map<string, { readonly admin: string; readonly stranger: string }>;

beforeAll(async () => {
  // A sender who is left waiting for an answer sees a 408 soon, not in half a minute.
  abused = await startAbusedReceiver({
    requestTimeout: 8_000,
    headersTimeout: 8_000,
    connectionsCheckingInterval: 500,
  });
  origin = abused.receiver.url;
  const runs = abused.store.queues.get("runs");
  await runs.add("run", {} as never, { jobId: JOB, delay: 86_400_000 });
  writes = writesOf(abused.item);
  const login = await fetch(`${origin}/login`, {
    ...form({ username: "admin", password: BOARD_PASSWORD }),
    redirect: "manual",
  });
  session = `Cookie: ${cookieOf(login).Cookie}`;
  await plainAnswers();
  asEver = await plainAnswers();
});
afterAll(() => abused.close());

function writesOf(item: string): Write[] {
  const lines = receiverRoutes()
    .filter(({ method, path }) => !/^(GET|HEAD)$/.test(method) && !path.startsWith("/webhook/"))
    .flatMap((route) => pathsOf(route, item, JOB).map((path) => `${route.method} ${path}`));
  return [...new Set(lines)].map((line) => ({ line, reader: readerOf(line) }));
}

function readerOf(line: string): Reader {
  if (line === "POST /login") return "the login";
  return line.includes(" /board/") ? "the board" : "nobody";
}

/** As a browser at one of our own pages would send it, but that the headers and bytes are these. */
async function send(line: string, headers: readonly string[], ...body: (string | Buffer)[]) {
  const own = ["Sec-Fetch-Site: same-origin", ...headers];
  return (await raw(origin, head(line, own), ...body)).statuses.join();
}

async function plainAnswers(): Promise<typeof asEver> {
  const answers: typeof asEver = new Map();
  for (const { line } of writes) {
    const admin = await send(line, [session, JSON_TYPE, length("{}")], "{}");
    answers.set(line, { admin, stranger: await send(line, [JSON_TYPE, length("{}")], "{}") });
  }
  return answers;
}

describe("a packed body", () => {
  const quickBrotli = (bytes: Buffer) =>
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
  /** More than any route reads, and wrong behind it: whoever unpacks it has stopped listening by then. */
  const brokenAtItsEnd = (bytes: number) => {
    const packed = gzipSync(randomBytes(bytes));
    return Buffer.concat([packed.subarray(0, -8), Buffer.alloc(8, 1)]);
  };
  it.each<[what: string, encoding: string, body: Buffer]>([
    ["in gzip", "gzip", gzipSync("{}")],
    ["in deflate", "deflate", deflateSync("{}")],
    ["in Brotli", "br", quickBrotli(Buffer.from("{}"))],
    ["by a name in capitals", "GZIP", gzipSync("{}")],
    ["twice", "gzip, br", gzipSync("{}")],
    ["in what there is not", "x-unknown", Buffer.from("{}")],
    ["so that 64 MiB come out, in gzip", "gzip", gzipSync(Buffer.alloc(64 * MB))],
    ["so that 64 MiB come out, in Brotli", "br", quickBrotli(Buffer.alloc(64 * MB))],
    ["broken at once", "gzip", Buffer.from("not gzip")],
    ["cut off", "gzip", gzipSync(randomBytes(20 * KB)).subarray(0, 10 * KB)],
    ["broken behind the login's limit", "gzip", brokenAtItsEnd(20 * KB)],
    ["broken behind the board's limits", "gzip", brokenAtItsEnd(MB + 20 * KB)],
  ])(
    "%s is 415 to every write, unpacked by none, and the receiver lives",
    async (_, name, body) => {
      const found: string[] = [];
      for (const { line } of writes) {
        for (const type of [JSON_TYPE, FORM_TYPE]) {
          const headers = [session, type, `Content-Encoding: ${name}`, length(body)];
          const answered = await send(line, headers, body);
          if (answered !== "415") found.push(`${line} → ${answered}`);
        }
      }
      expect(found).toEqual([]);
      expect((await fetch(`${origin}/healthz`)).status).toBe(200);
    },
  );
});

describe("a body for the pages and the board", () => {
  it("is tried on every write there is", () => {
    const lines = writes.map(({ line }) => line);
    expect(lines).toContain("POST /login");
    expect(lines).toContain("POST /logout");
    expect(lines).toContain(`POST /items/${abused.item}/approve`);
    expect(lines.filter((line) => line.includes(" /board/")).length).toBeGreaterThan(20);
    expect(asEver.get("PUT /board/api/queues/runs/pause")?.admin).toBe("200");
  });

  it.each(Object.entries(BODIES))(
    "with %s is answered the admin by what reads it",
    async (_, body) => {
      expect(await misfits(body, "admin")).toEqual([]);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    },
  );

  it.each(Object.entries(BODIES))(
    "with %s is read from a stranger by the login alone",
    async (_, body) => {
      expect(await misfits(body, "stranger")).toEqual([]);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    },
  );

  it.each([
    ["a form", "POST /login", FORM_TYPE],
    ["JSON", "PUT /board/api/queues/runs/pause", JSON_TYPE],
  ])(
    "with %s that is too large doesn't hold up what comes next on its connection",
    async (_, line, type) => {
      const headers = [session, type, "Transfer-Encoding: chunked"];
      const kept = head(line, headers).replace("Connection: close\r\n", "");
      const { parts } = inChunks(type, "a".repeat(64 * KB), 40);
      const { statuses } = await raw(origin, kept, ...parts, head("GET /healthz"));
      expect(statuses).toEqual([413, 200]);
    },
  );

  it("whose sender hangs up in the middle is a fault to nobody", async () => {
    for (const { line } of writes) {
      for (const type of [JSON_TYPE, FORM_TYPE]) {
        await hangUp(head(line, [session, type, "Content-Length: 1000"]), "{");
        await hangUp(head(line, [session, type, "Transfer-Encoding: chunked"]), "5\r\n{");
      }
    }
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
  });

  it("leaves memory and the loop within bounds, however many come at once", async () => {
    const costly = Object.entries(BODIES).filter(([what]) => COSTLY.includes(what));
    expect(costly).toHaveLength(COSTLY.length);
    const { grownMb, longestMs } = await measured(async () => {
      for (let round = 0; round < 2; round += 1) {
        for (const [, body] of costly) expect(await misfits(body, "admin")).toEqual([]);
      }
    });
    expect(grownMb).toBeLessThan(400);
    expect(longestMs).toBeLessThan(LONGEST_DELAY_MS);
  });
});

/** Writes that aren't answered as they should be, all of them made at once. */
async function misfits({ headers, parts, answers }: Body, who: "admin" | "stranger") {
  const cookie = who === "admin" ? [session] : [];
  const judged = writes.map(async ({ line, reader }) => {
    const answered = await send(line, [...cookie, ...headers], ...parts);
    const plain = asEver.get(line)?.[who] ?? "";
    // The board reads from whoever is logged in.
    const read = who === "stranger" && reader === "the board" ? "nobody" : reader;
    const fitting = (answers[read] ?? [AS_EVER]).map((each) => (each === AS_EVER ? plain : each));
    return fitting.includes(answered) ? [] : [`${line} → ${answered}, not ${fitting}`];
  });
  return (await Promise.all(judged)).flat();
}

/** Sends so much, waits until it has gone, and resets the connection. */
async function hangUp(...parts: readonly string[]): Promise<void> {
  const socket = connect(Number(new URL(origin).port), "127.0.0.1");
  socket.on("error", (error) => void error);
  await new Promise<void>((resolve) => socket.write(parts.join(""), () => resolve()));
  socket.resetAndDestroy();
}
