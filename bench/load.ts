import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Sample } from "./statistics.js";

/** How many connections a tracker with many hooks may have open. */
const CONNECTIONS = 64;

/**
 * Sends these requests, whole as bytes, over connections that are kept: each sends its next one when it
 * has its answer. Plain sockets, since a client that parses more would be measured instead of the server.
 * @returns answers a second
 * @throws if one isn't answered 200
 */
export async function fire(
  origin: string,
  requests: readonly Buffer[],
  connections = CONNECTIONS,
): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => opened(origin)));
  const left = requests.values();
  const from = performance.now();
  await Promise.all(sockets.map((socket) => converse(socket, left)));
  const rate = requests.length / ((performance.now() - from) / 1_000);
  for (const socket of sockets) socket.destroy();
  return rate;
}

/**
 * Sends so many of these requests a second, whether earlier ones are answered or not: each over a
 * connection that is free, or a new one.
 * @returns ms each, from when it was due to its answer's last byte
 * @throws if one isn't answered 200
 */
export async function fireSteadily(
  origin: string,
  requests: readonly Buffer[],
  perSecond: number,
): Promise<Sample> {
  const free: Socket[] = [];
  const from = performance.now();
  const latencies = await Promise.all(
    requests.map(async (request, at) => {
      const due = from + (at * 1_000) / perSecond;
      await pause(Math.ceil(due - performance.now()));
      // By turns, so that none rests until the server closes it.
      const socket = free.shift() ?? (await opened(origin));
      await converse(socket, [request].values());
      free.push(socket);
      return performance.now() - due;
    }),
  );
  for (const socket of free) socket.destroy();
  return latencies;
}

async function opened(origin: string): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, "connect");
  return socket.setEncoding("latin1");
}

/** Until nothing is left to send. */
function converse(socket: Socket, left: Iterator<Buffer>): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const next = () => {
      const { value, done } = left.next();
      if (done) {
        socket.off("data", hear).off("error", reject).off("close", hungUp);
        return resolve();
      }
      answer = "";
      socket.write(value);
    };
    const hear = (text: string) => {
      answer += text;
      if (!isWhole(answer)) return;
      if (!answer.startsWith("HTTP/1.1 200")) return reject(new Error(`answered ${answer}`));
      next();
    };
    const hungUp = () => reject(new Error("the server hung up"));
    socket.on("data", hear).on("error", reject).on("close", hungUp);
    next();
  });
}

function isWhole(answer: string): boolean {
  const end = answer.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(answer)?.[1];
  if (length === undefined) throw new Error(`no length in ${answer}`);
  return answer.length >= end + 4 + Number(length);
}
