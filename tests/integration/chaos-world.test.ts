import { once } from "node:events";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Carried, startCourier } from "../../chaos/world/courier.js";
import { PROJECTS } from "../../chaos/world/projects.js";
import { openRemotes } from "../../chaos/world/remotes.js";
import { startLine } from "../../chaos/world/tcp-proxy.js";
import { startTrackerFront } from "../../chaos/world/tracker-front.js";
import { dice } from "../support/dice.js";
import { until } from "../support/processes.js";

/** A server that says everything back, and a line to it; `turns` lets it say much past that line. */
async function echoLine() {
  const echo = createTcpServer((socket) => socket.pipe(socket)).listen(0, "127.0.0.1");
  await once(echo, "listening");
  const { port } = echo.address() as AddressInfo;
  const line = await startLine(port);
  onTestFinished(async () => {
    await line.stop();
    echo.close();
  });
  const turns = async () => {
    const { socket, heard } = await open(port);
    for (let number = 1; number <= 20; number += 1) {
      socket.write(".");
      await until("it is said back", () => heard().length === number);
    }
  };
  return { ...line, turns };
}

async function open(port: number): Promise<{ socket: Socket; heard: () => string }> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString("utf8");
  });
  socket.on("error", () => undefined);
  return { socket, heard: () => text };
}

/** However it ends. */
function gone(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

describe("chaos' line to Redis", () => {
  it("passes everything in order, also where a delay ends under way", async () => {
    const line = await echoLine();
    const { socket, heard } = await open(line.port);
    const mend = line.delay(100);
    for (let number = 0; number < 5; number += 1) socket.write(`${number}`);
    await until("the first is back", () => heard().length > 0);
    mend();
    socket.write("5");
    await until("all are back", () => heard().length === 6);
    expect(heard()).toBe("012345");
  });

  it("ends what there is when it is cut, and lets nobody in until it is mended", async () => {
    const line = await echoLine();
    const first = await open(line.port);
    first.socket.write("a");
    await until("it is connected", () => first.heard() === "a");
    const closed = gone(first.socket);
    const mend = line.cut();
    await closed;
    const second = await open(line.port);
    await gone(second.socket);
    mend();
    const third = await open(line.port);
    third.socket.write("b");
    await until("it is whole again", () => third.heard() === "b");
  });

  it("says nothing while it stalls, and cuts who waited when it is mended", async () => {
    const line = await echoLine();
    const { socket, heard } = await open(line.port);
    socket.write("a");
    await until("it is connected", () => heard() === "a");
    const mend = line.stall();
    socket.write("b");
    await line.turns();
    expect(heard()).toBe("a");
    const closed = gone(socket);
    mend();
    await closed;
    expect(heard()).toBe("a");
  });

  it("stays cut and slow when a stall that began meanwhile is over", async () => {
    const line = await echoLine();
    const delayed = line.delay(100);
    const cut = line.cut();
    const stalled = line.stall();
    stalled();
    const refused = await open(line.port);
    await gone(refused.socket);
    cut();
    const { socket, heard } = await open(line.port);
    const began = performance.now();
    socket.write("a");
    await until("it is back", () => heard() === "a");
    expect(performance.now() - began).toBeGreaterThan(150);
    delayed();
  });
});

describe("chaos' repositories", () => {
  it("are in the round's folder, behind links that can be taken away", async () => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "stagecoach-chaos-remotes-")));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const remotes = await openRemotes(folder);
    for (const { name } of PROJECTS) {
      expect(await realpath(remotes.paths[name])).toBe(remotes[name].path);
      expect(remotes[name].path).toMatch(`${folder}/`);
    }
  });
});

describe("chaos' tracker", () => {
  it("answers, fails, hangs, cuts before it heard, and after it did it", async () => {
    const { front, ask, asked } = await openTracker();
    expect(await (await ask("/well")).text()).toBe("done");
    front.turn("failing");
    expect((await ask("/failing")).status).toBe(500);
    front.turn("cutting");
    await expect(ask("/cutting")).rejects.toThrow();
    front.turn("deaf");
    await expect(ask("/deaf")).rejects.toThrow();
    front.turn("hanging");
    const patient = AbortSignal.timeout(300);
    await expect(fetch(`${front.url}/hanging`, { signal: patient })).rejects.toThrow("timeout");
    expect(asked.slice(0, 2)).toEqual(["/well", "/deaf"]);
  });

  it("stays in a mood that is on when another one is over", async () => {
    const { front, ask } = await openTracker();
    const fail = front.turn("failing");
    const hang = front.turn("hanging");
    fail();
    const patient = AbortSignal.timeout(300);
    await expect(fetch(`${front.url}/hanging`, { signal: patient })).rejects.toThrow("timeout");
    hang();
    const cut = front.turn("cutting");
    const again = front.turn("failing");
    cut();
    expect((await ask("/still")).status).toBe(500);
    again();
    expect(await (await ask("/well")).text()).toBe("done");
  });
});

/** A tracker that says "done", the front before it, and what reached it. */
async function openTracker() {
  const asked: string[] = [];
  const tracker = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end("done");
  }).listen(0, "127.0.0.1");
  await once(tracker, "listening");
  const front = await startTrackerFront(
    `http://127.0.0.1:${(tracker.address() as AddressInfo).port}`,
  );
  onTestFinished(async () => {
    await front.stop();
    tracker.close();
  });
  return { front, asked, ask: (path: string) => fetch(front.url + path) };
}

describe("chaos' courier", () => {
  it("sends each delivery up to three times under different ids, and knows who took it", async () => {
    const taken: { readonly id: string; readonly path: string; readonly body: string }[] = [];
    const receiver = createServer(async (request, response) => {
      const body = await bodyOf(request);
      const { "x-gitea-delivery": gitea, "x-plane-delivery": plane } = request.headers;
      taken.push({ id: String(gitea ?? plane), path: request.url ?? "", body });
      response.end('{"status":"accepted"}');
    }).listen(0, "127.0.0.1");
    await once(receiver, "listening");
    const { port } = receiver.address() as AddressInfo;
    const courier = await startCourier([`http://127.0.0.1:${port}`], dice(1));
    onTestFinished(async () => {
      await courier.stop();
      receiver.closeAllConnections();
      receiver.close();
    });
    const bodies = Array.from({ length: 20 }, (_, number) => JSON.stringify({ number }));
    const urls = (["gitea", "plane"] as const).map((tracker) => courier.urlOf(tracker));
    for (const [place, body] of bodies.entries()) {
      await fetch(urls[place % 2] ?? "", { method: "POST", body });
    }
    await until("all are through", () => courier.carried.length === 20 && courier.isIdle());
    const copies = bodies.map((body) => taken.filter((one) => one.body === body).length);
    expect(Math.max(...copies)).toBe(3);
    expect(new Set(taken.map(({ id }) => id)).size).toBe(taken.length);
    for (const { path, body } of taken) {
      expect(path).toBe(bodies.indexOf(body) % 2 === 0 ? "/webhook/gitea" : "/webhook/plane");
    }
    const known = courier.carried.map(({ answers }: Carried) => answers.length);
    expect(known.sort()).toEqual(copies.sort());
  });
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
