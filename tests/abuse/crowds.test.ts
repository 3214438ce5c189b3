import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { type AbusedReceiver, startAbusedReceiver } from "../support/abused-receiver.js";
import { crowd } from "../support/crowd.js";
import { LONGEST_DELAY_MS, measured } from "../support/measured.js";
import { fixture, post, request, type SampleRequest, signed } from "../support/signed-request.js";

const MB = 1024 * 1024;
const MANY = 10_000;
/** Descriptors for the test's own files, Redis and requests. */
const OTHERS = 1_000;
const MOST_FILES = mostFiles();

const open: { leave(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.leave();
});

/** Of which a connection takes one here, and one in the crowd's process. */
function mostFiles(): number {
  const limits = readFileSync("/proc/self/limits", "utf8");
  return Number(/^Max open files +\d+ +(\d+)/m.exec(limits)?.[1] ?? 1_024);
}

/** Limits so long that the crowd stands while it is looked at. */
async function receiver() {
  const abused = await startAbusedReceiver({ headersTimeout: 120_000, requestTimeout: 120_000 });
  open.push({ leave: () => abused.close() });
  return abused;
}

async function isServed({ receiver: { url } }: AbusedReceiver): Promise<boolean> {
  return (await post(url, signed(fixture("gitea/issues_assigned_to_bot")))).status === 200;
}

describe("a crowd", { timeout: 120_000 }, () => {
  const possible = `as this process may have ${MOST_FILES} files open, of ${MANY + OTHERS} needed`;
  it(`of ${MANY} connections stands, costs little memory, and others are served meanwhile, ${possible}`, async () => {
    expect(MOST_FILES, "too few: raise `ulimit -n`").toBeGreaterThanOrEqual(MANY + OTHERS);
    const abused = await receiver();
    expect(await isServed(abused)).toBe(true);
    const { grownMb, longestMs } = await measured(async () => {
      const people = await crowd(abused.receiver.url, MANY, "POST /webhook/gitea HTTP/1.1\\r\\n");
      open.push(people);
      expect(people.standing).toBe(MANY);
      for (let nth = 0; nth < 20; nth += 1) expect(await isServed(abused)).toBe(true);
    });
    expect(grownMb).toBeLessThan(600);
    expect(longestMs).toBeLessThan(LONGEST_DELAY_MS);
  });

  it("of 200 large bodies that never end is held to a room, and small ones are served meanwhile", async () => {
    const abused = await receiver();
    expect(await isServed(abused)).toBe(true);
    const { grownMb, longestMs } = await measured(async () => {
      const start = `POST /webhook/gitea HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: ${5 * MB}\\r\\n\\r\\n`;
      open.push(await crowd(abused.receiver.url, 200, start, 5 * MB - 1));
      expect(await isServed(abused)).toBe(true);
      // The crowd's bytes are under way for a while; once the room is full, less than a body is left.
      const large = async () => {
        const { status, headers } = await post(abused.receiver.url, padded(4 * MB));
        return `${status}, again after ${headers.get("retry-after")} s`;
      };
      await expect.poll(large, { timeout: 20_000 }).toBe("413, again after 5 s");
      expect(await isServed(abused)).toBe(true);
    });
    // Without a room for all of them together it would be a thousand.
    expect(grownMb).toBeLessThan(600);
    expect(longestMs).toBeLessThan(LONGEST_DELAY_MS);
    for (const each of open.splice(1)) await each.leave();
    const servedAgain = async () => (await post(abused.receiver.url, padded(4 * MB))).status;
    await expect.poll(servedAgain, { timeout: 10_000 }).toBe(200);
  });
});

describe("a flood", { timeout: 120_000 }, () => {
  it("of the costliest bodies leaves memory and the loop within bounds", async () => {
    const abused = await receiver();
    const bodies = [
      "[".repeat(MB),
      `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
      `{${Array.from({ length: 50_000 }, (_, at) => `"k${at}":${at}`).join()}}`,
      `"${"\\u0000".repeat(100_000)}"`,
      gzipSync(Buffer.alloc(64 * MB)),
      `{"action":"opened","issue":${"9".repeat(MB)}}`,
    ];
    const { grownMb, longestMs } = await measured(async () => {
      for (let round = 0; round < 5; round += 1) {
        const sent = bodies.map((body) => post(abused.receiver.url, signed(ofBody(body))));
        for (const { status } of await Promise.all(sent)) expect([200, 400, 415]).toContain(status);
        expect(await isServed(abused)).toBe(true);
      }
    });
    expect(grownMb).toBeLessThan(600);
    expect(longestMs).toBeLessThan(LONGEST_DELAY_MS);
  });
});

function ofBody(body: string | Buffer): SampleRequest {
  return request("gitea", { "X-Gitea-Event": "issues" }, body);
}

/** A good webhook that is as large as said. */
function padded(bytes: number): SampleRequest {
  const sample = fixture("gitea/issues_assigned_to_bot");
  const body = Buffer.concat([sample.body, Buffer.alloc(bytes, " ")]);
  return signed({ ...sample, body, signed: body });
}
