import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AbusedReceiver, startAbusedReceiver } from "../support/abused-receiver.js";
import { head, raw } from "../support/raw-request.js";
import { fixture, hmac, SECRETS } from "../support/signed-request.js";

let abused: AbusedReceiver;
let origin: string;

beforeAll(async () => {
  abused = await startAbusedReceiver();
  origin = abused.receiver.url;
});
afterAll(() => abused.close());

describe("what isn't HTTP", () => {
  const smuggled = "GET /metrics HTTP/1.1\r\nHost: receiver\r\n\r\n";
  it.each([
    ["both lengths", ["Content-Length: 5", "Transfer-Encoding: chunked"], "0\r\n\r\n"],
    ["two lengths", ["Content-Length: 5", "Content-Length: 6"], "hello!"],
    ["a negative length", ["Content-Length: -1"], ""],
    ["a length that is no number", ["Content-Length: 1e3"], ""],
    ["an endless length", [`Content-Length: ${"9".repeat(400)}`], ""],
    ["an unknown framing", ["Transfer-Encoding: gzip"], ""],
    ["a chunk's size that is no number", ["Transfer-Encoding: chunked"], "zz\r\n\r\n"],
    ["a chunk's size beyond all", ["Transfer-Encoding: chunked"], `${"f".repeat(40)}\r\n`],
    ["an endless chunk extension", ["Transfer-Encoding: chunked"], `1;${"x".repeat(100_000)}\r\n`],
    ["a header without a name", [": nothing"], ""],
    ["a NUL in a header", ["X-Gitea-Event: iss\0ues"], ""],
    ["a folded header", ["X-Gitea-Event: issues\r\n issue_comment"], ""],
    ["a space before the colon", ["Content-Length : 5"], "hello"],
  ])(
    "%s is refused, and what follows on the line isn't taken for a request",
    async (_, lines, body) => {
      const answer = await raw(origin, head("POST /webhook/gitea", lines), body, smuggled);
      expect(answer.statuses).toHaveLength(1);
      expect(answer.statuses[0]).toBeGreaterThanOrEqual(400);
      expect(answer.statuses[0]).toBeLessThan(500);
    },
  );

  it("headers without end are 431, a line that is none 400", async () => {
    const many = Array.from({ length: 4_000 }, (_, at) => `X-Filler-${at}: ${"y".repeat(40)}`);
    expect((await raw(origin, head("POST /webhook/gitea", many))).statuses).toEqual([431]);
    const long = [`X-Gitea-Event: ${"z".repeat(1_000_000)}`];
    expect((await raw(origin, head("POST /webhook/gitea", long))).statuses).toEqual([431]);
    expect((await raw(origin, "\x16\x03\x01\x02\x00\x01\x00 TLS\r\n\r\n")).statuses).toEqual([400]);
  });
});

describe("headers sent twice, or that don't fit", () => {
  const gitea = fixture("gitea/issues_assigned_to_bot");
  const mac = hmac(SECRETS.gitea, gitea.signed);
  const base = ["Content-Type: application/json", `Content-Length: ${gitea.body.length}`];
  const send = (lines: readonly string[]) =>
    raw(origin, head("POST /webhook/gitea", [...base, ...lines]), gitea.body);

  it("a second signature spoils the first; a second type, event or id is never a fault", async () => {
    const signature = `X-Gitea-Signature: ${mac}`;
    expect((await send([signature, signature])).statuses).toEqual([401]);
    for (const line of ["X-Gitea-Event: push", "X-Gitea-Event-Type: push", "X-Gitea-Delivery: b"]) {
      const name = line.split(":")[0];
      const { statuses } = await send([signature, `${name}: issues`, line]);
      expect(statuses.filter((status) => status !== 200 && status !== 400)).toEqual([]);
      expect(statuses).toHaveLength(1);
    }
  });
});
