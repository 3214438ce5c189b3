import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AbusedReceiver, startAbusedReceiver } from "../support/abused-receiver.js";
import { head, raw } from "../support/raw-request.js";
import {
  fixture,
  post,
  redelivered,
  request,
  type SampleRequest,
  signed,
} from "../support/signed-request.js";

let abused: AbusedReceiver;
let origin: string;

beforeAll(async () => {
  abused = await startAbusedReceiver();
  origin = abused.receiver.url;
});
afterAll(() => abused.close());

const SAMPLES = ["gitea/issues_assigned_to_bot", "plane/issue_created_ui_unicode"].map(fixture);
const LIMIT = 5 * 1024 * 1024;

/** The same delivery with another body, signed. */
function withBody(sample: SampleRequest, body: string | Buffer, headers = {}): SampleRequest {
  return signed(request(sample.source, { ...sample.headers, ...headers }, body));
}

/** What the sender sees, and that whoever comes next is served. */
async function statusOf(sample: SampleRequest): Promise<number> {
  const { status, body } = await post(origin, sample);
  expect(typeof (status === 200 ? body.status : body.detail)).toBe("string");
  return status;
}

const quickBrotli = (bytes: Buffer) =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
const deep = (open: string, close: string, levels: number) =>
  open.repeat(levels) + close.repeat(levels);

describe.each(SAMPLES.map((sample) => [sample.source, sample] as const))(
  "a body for %s",
  (_, sample) => {
    it.each<[what: string, body: string | Buffer]>([
      ["nothing", ""],
      ["half of an object", `{"action":`],
      ["null", "null"],
      ["a number", "1e400"],
      ["a string", `"issues"`],
      ["an array", "[]"],
      ["an empty object in an array", "[{}]"],
      ["NUL bytes", Buffer.alloc(1_000)],
      ["a byte-order mark before the object", `\uFEFF${sample.signed}`],
      ["broken UTF-8", Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d])],
      ["UTF-16", Buffer.from(sample.signed.toString("utf8"), "utf16le")],
      ["a million open brackets", "[".repeat(1_000_000)],
      ["an array 200,000 deep", deep("[", "]", 200_000)],
      ["two objects", `${sample.signed}${sample.signed}`],
      [
        "random bytes",
        Buffer.from(Array.from({ length: 4_096 }, (_, at) => (at * 167 + 13) % 256)),
      ],
      ["multipart", `--x\r\nContent-Disposition: form-data; name="payload"\r\n\r\n{}\r\n--x--\r\n`],
    ])("answers 400 to %s", async (_what, body) => {
      expect(await statusOf(withBody(sample, body))).toBe(400);
    });

    it("takes depth where nothing is read, and refuses it where something is", async () => {
      const body = sample.signed.toString("utf8").trimEnd().slice(0, -1);
      const nested = deep(`{"a":`, "}", 5_000).replace("}", "1}");
      expect(await statusOf(withBody(sample, `${body},"unused":${nested}}`))).toBe(200);
      const [act, field] = sample.source === "plane" ? ["created", "data"] : ["opened", "issue"];
      const told = await post(origin, withBody(sample, `{"action":"${act}","${field}":${nested}}`));
      expect(told.status).toBe(400);
    });

    it("isn't tricked by names that JavaScript's objects have", async () => {
      const evil = `{"__proto__":{"action":"opened"},"constructor":{"prototype":{"x":1}},"toString":1}`;
      expect([200, 400]).toContain(await statusOf(withBody(sample, evil)));
      expect(({} as Record<string, unknown>).action).toBeUndefined();
      expect(({} as Record<string, unknown>).x).toBeUndefined();
    });

    it("takes the last of a field that is there twice, as JSON.parse does, without a fault", async () => {
      const body = sample.signed.toString("utf8").trimEnd().slice(0, -1);
      expect(await statusOf(withBody(sample, `${body},"action":{"a":1}}`))).toBe(400);
    });

    it.each([
      ["gzip", gzipSync],
      ["br", quickBrotli],
      ["deflate", deflateSync],
      ["gzip, br", gzipSync],
      ["x-unknown", (bytes: Buffer) => bytes],
    ])(
      "unpacks nothing: Content-Encoding %s is 415, however much would come out",
      async (encoding, pack) => {
        // Packed a thousand times smaller than what comes out: 64 MiB.
        const bomb = pack(Buffer.alloc(encoding === "x-unknown" ? 1_000 : 64 * 1024 * 1024));
        expect(await statusOf(withBody(sample, bomb, { "Content-Encoding": encoding }))).toBe(415);
      },
    );

    it.each([
      "text/plain",
      "text/xml",
      "multipart/form-data; boundary=x",
      "application/jsonp",
      "application/json+evil",
      "application/json, text/plain",
      ";;;",
    ])("answers 415 to the type %s", async (type) => {
      expect(await statusOf(withBody(sample, sample.signed, { "Content-Type": type }))).toBe(415);
    });

    it("answers 413 to what is too large, announced or not, and 401 to the unsigned of any size", async () => {
      expect(await statusOf(withBody(sample, Buffer.alloc(LIMIT + 1, " ")))).toBe(413);
      const chunk = `100000\r\n${" ".repeat(0x100000)}\r\n`;
      const chunked = head(`POST /webhook/${sample.source}`, ["Transfer-Encoding: chunked"]);
      const endless = await raw(origin, chunked, chunk.repeat(6), "0\r\n\r\n");
      expect(endless.statuses).toEqual([413]);
      const bare = await raw(origin, chunked, chunk.repeat(4), "0\r\n\r\n");
      expect(bare.statuses).toEqual([401]);
    });

    it("reads a body in chunks of a byte as it reads it in one piece", async () => {
      const one = redelivered(sample, `in-bytes-${sample.source}`);
      const lines = Object.entries(signed(one).headers).map(([name, value]) => `${name}: ${value}`);
      const framed = lines.filter((line) => !/^(content-length|host|connection)/i.test(line));
      const body = Buffer.concat(
        [...sample.body].map((byte) => Buffer.from([0x31, 13, 10, byte, 13, 10])),
      );
      const path = head(`POST /webhook/${sample.source}`, [
        ...framed,
        "Transfer-Encoding: chunked",
      ]);
      expect((await raw(origin, path, body, "0\r\n\r\n")).statuses).toEqual([200]);
    });
  },
);
