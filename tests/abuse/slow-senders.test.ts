import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { SERVER_LIMITS } from "../../src/http/server.js";
import { type AbusedReceiver, AS_ADMIN, startAbusedReceiver } from "../support/abused-receiver.js";
import { type Crowd, crowd } from "../support/crowd.js";
import { head } from "../support/raw-request.js";
import { fixture, post, signed } from "../support/signed-request.js";

/** The limits a hundredth as long, so that a test sees them end. */
const SHORT = {
  headersTimeout: 300,
  requestTimeout: 600,
  connectionsCheckingInterval: 50,
  keepAliveTimeout: 750,
  timeout: 1_200,
};
/** Far beyond the limits and far below those of the product, which would show that they aren't set. */
const PATIENCE_MS = 9_000;

const open: { leave(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.leave();
});

async function receiver(limits: Parameters<typeof startAbusedReceiver>[0] = SHORT) {
  const abused = await startAbusedReceiver(limits);
  open.push({ leave: () => abused.close() });
  return abused;
}

async function crowdAt({ receiver: { url } }: AbusedReceiver, count: number, greeting?: string) {
  const people: Crowd = await crowd(url, count, greeting);
  open.push(people);
  return people;
}

/** Sends `first`, then a byte again and again, until the other side closes; what it said. */
function trickle(
  { receiver: { url } }: AbusedReceiver,
  first: string,
  byte: string,
): Promise<string> {
  const { port } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1");
  let said = "";
  socket.setEncoding("latin1").on("data", (text) => {
    said += String(text);
  });
  socket.write(first);
  const drops = setInterval(() => socket.write(byte), 20);
  open.push({ leave: () => socket.destroy() });
  return untilClosed(socket).then(() => {
    clearInterval(drops);
    return said;
  });
}

/** A connection that is reset is closed too. */
function untilClosed(socket: Socket): Promise<void> {
  socket.on("error", (error) => void error);
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

async function isServed({ receiver: { url } }: AbusedReceiver): Promise<boolean> {
  return (await post(url, signed(fixture("gitea/issues_assigned_to_bot")))).status === 200;
}

describe("a sender who never finishes", { timeout: PATIENCE_MS }, () => {
  it.each([
    ["its first line", "GET /", "a"],
    ["its headers", "POST /webhook/gitea HTTP/1.1\r\nHost: receiver\r\n", "X: y\r\n"],
    ["its body", head("POST /webhook/gitea", ["Content-Length: 100000"]), "x"],
    ["a chunked body", head("POST /webhook/gitea", ["Transfer-Encoding: chunked"]), "1\r\nx\r\n"],
    [
      "a form",
      head("POST /login", [
        "Content-Length: 8000",
        "Content-Type: application/x-www-form-urlencoded",
      ]),
      "a",
    ],
    [
      "what the board is to read",
      head("PUT /board/api/queues/runs/pause", [
        `Authorization: ${AS_ADMIN.Authorization}`,
        "Content-Type: application/json",
        "Content-Length: 100000",
      ]),
      " ",
    ],
  ])("with %s is cut off with 408, and others are served meanwhile", async (_, first, byte) => {
    const abused = await receiver();
    const cut = trickle(abused, first, byte);
    expect(await isServed(abused)).toBe(true);
    expect(await cut).toMatch(/^HTTP\/1\.1 408 /);
    expect(await isServed(abused)).toBe(true);
  });

  it("nor begins, or stays after its answer, is sent away", async () => {
    const abused = await receiver();
    const silent = await crowdAt(abused, 50);
    const idle = await crowdAt(abused, 50, "GET /healthz HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n");
    expect([silent.standing, idle.standing]).toEqual([50, 50]);
    await Promise.all([silent.untilSentAway(), idle.untilSentAway()]);
    expect(await isServed(abused)).toBe(true);
  });

  it("a crowd of them keeps nobody waiting, and is sent away whole", async () => {
    const abused = await receiver();
    const slow = await crowdAt(
      abused,
      500,
      "POST /webhook/gitea HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 1000\\r\\n\\r\\nhalf",
    );
    expect(await isServed(abused)).toBe(true);
    await slow.untilSentAway();
    expect(await isServed(abused)).toBe(true);
  });
});

describe("a reader who doesn't read", { timeout: PATIENCE_MS }, () => {
  it("is sent away, its answers with it", async () => {
    // Parsing two thousand requests at once keeps the loop busy longer than the shortest limits.
    const abused = await receiver({ ...SHORT, headersTimeout: 5_000, requestTimeout: 5_000 });
    const socket = connect(Number(new URL(abused.receiver.url).port), "127.0.0.1");
    open.push({ leave: () => socket.destroy() });
    socket.pause();
    const page = "GET /assets/stagecoach.css HTTP/1.1\r\nHost: receiver\r\n\r\n";
    socket.write(page.repeat(2_000));
    const closed = untilClosed(socket);
    // Those limits cut off who comes while the loop is busy, too.
    await expect.poll(() => isServed(abused).catch(() => false)).toBe(true);
    // Only a writer learns that the other side has gone while nothing is read.
    const look = setInterval(() => socket.write(page), 50);
    await closed.finally(() => clearInterval(look));
    await expect.poll(() => isServed(abused).catch(() => false)).toBe(true);
  });
});

describe("more connections than there may be", { timeout: 30_000 }, () => {
  it("are closed as they come; when others have left, new ones are served", async () => {
    const abused = await receiver({ ...SERVER_LIMITS, maxConnections: 40 });
    const first = await crowdAt(abused, 40);
    expect(first.standing).toBe(40);
    await expect(isServed(abused)).rejects.toThrow("fetch failed");
    await first.leave();
    await expect.poll(() => isServed(abused).catch(() => false)).toBe(true);
  });
});
