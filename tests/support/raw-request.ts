import { connect } from "node:net";

/** What came back on a connection, until it ended. */
export interface RawAnswer {
  /** Of each answer, in order; empty: the connection was closed without one. */
  readonly statuses: readonly number[];
  readonly text: string;
}

/** Opens a connection, sends exactly these bytes and reads until the other side closes. */
export function raw(origin: string, ...parts: readonly (string | Buffer)[]): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(Number(port), hostname);
    socket.setEncoding("latin1");
    socket.on("data", (data) => {
      text += String(data);
    });
    socket.on("close", () => resolve({ statuses: statusesIn(text), text }));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      // A server that has answered may close while more is being sent.
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") reject(error);
    });
    for (const part of parts) socket.write(part);
  });
}

/** The lines of a request's head, its last one blank. */
export function head(line: string, headers: readonly string[] = []): string {
  return [`${line} HTTP/1.1`, "Host: receiver", "Connection: close", ...headers, "", ""].join(
    "\r\n",
  );
}

function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
