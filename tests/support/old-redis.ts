import { connect, createServer, type Socket } from "node:net";
import { Transform } from "node:stream";
import { onTestFinished } from "vitest";

/** Between a server and its clients until the test ends; it calls itself another version. */
export async function pretendVersion(url: string, version: string): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(new URL(url).port), "127.0.0.1");
    const changed = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        const text = chunk.toString("latin1");
        // As long as before, since answers are counted in bytes.
        const put = (line: string) => `redis_version:${version.padEnd(line.length - 14, "0")}`;
        done(null, Buffer.from(text.replace(/redis_version:[\d.]+/, put), "latin1"));
      },
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
    }
    client.pipe(upstream);
    upstream.pipe(changed).pipe(client);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return `redis://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}
