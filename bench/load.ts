import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** How many connections a tracker with many hooks may have open. */
const CONNECTIONS = 64;

export interface Fired {
  /** Answers a second. */
  readonly rate: number;
  /** From the request's first byte to the answer's last, ms each. */
  readonly latencies: readonly number[];
}

/**
 * Sends these requests, whole as bytes, over connections that are kept: each sends its next one when it
 * has its answer. Plain sockets, since a client that parses more would be measured instead of the server.
 * @throws if one isn't answered 200
 */
export async function fire(
  origin: string,
  requests: readonly Buffer[],
  connections = CONNECTIONS,
): Promise<Fired> {
  const { hostname, port } = new URL(origin);
  const sockets = await Promise.all(
    Array.from({ length: connections }, () => opened(hostname, Number(port))),
  );
  const latencies: number[] = [];
  const left = requests.values();
  const from = performance.now();
  await Promise.all(sockets.map((socket) => converse(socket, left, latencies)));
  const rate = requests.length / ((performance.now() - from) / 1_000);
  for (const socket of sockets) socket.destroy();
  return { rate, latencies };
}

async function opened(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  await once(socket, "connect");
  return socket;
}

function converse(socket: Socket, left: Iterator<Buffer>, latencies: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let answer = "";
    let began = 0;
    const next = () => {
      const { value, done } = left.next();
      if (done) return resolve();
      answer = "";
      began = performance.now();
      socket.write(value);
    };
    socket.setEncoding("latin1").on("data", (text: string) => {
      answer += text;
      if (!isWhole(answer)) return;
      if (!answer.startsWith("HTTP/1.1 200")) return reject(new Error(`answered ${answer}`));
      latencies.push(performance.now() - began);
      next();
    });
    socket.on("error", reject).on("close", () => reject(new Error("the server hung up")));
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
