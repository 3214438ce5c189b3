import { randomBytes } from "node:crypto";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AbusedReceiver, startAbusedReceiver } from "../support/abused-receiver.js";
import { cookieOf, form } from "../support/operator-app.js";
import { head, raw } from "../support/raw-request.js";
import { pathsOf, receiverRoutes } from "../support/routes.js";
import { BOARD_PASSWORD } from "../support/running-fleet.js";

const KB = 1024;
const MB = 1024 * KB;
const JOB = "a-parked-job";
const JSON_TYPE = "Content-Type: application/json";
const FORM_TYPE = "Content-Type: application/x-www-form-urlencoded";

/** What reads a body, and what it takes of one: nothing else is looked at. */
type Reader = "the login" | "the board" | "nobody";

interface Write {
  /** `PUT /board/…` */
  readonly line: string;
  readonly reader: Reader;
}

let abused: AbusedReceiver;
let origin: string;
let writes: Write[];
let session: string;

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

const length = (body: string | Buffer) => `Content-Length: ${Buffer.byteLength(body)}`;

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
