import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export interface GitOverHttp {
  /** Of the folder; a repository in it is `<url>/<name>`. */
  readonly url: string;
  /** Requests that came without the right credentials. */
  refused(): number;
}

/** Serves the repositories of a folder to who has the credentials, as a forge would. */
export async function serveGit(
  folder: string,
  credentials: { readonly username: string; readonly password: string },
  onRequest: () => void,
): Promise<GitOverHttp> {
  const { username, password } = credentials;
  const wanted = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const backend = join(
    execFileSync("git", ["--exec-path"], { encoding: "utf8" }).trim(),
    "git-http-backend",
  );
  let refused = 0;
  const server = createServer((request, response) => {
    onRequest();
    if (request.headers.authorization === wanted) {
      serve(backend, folder, username, request, response);
      return;
    }
    refused += 1;
    response.writeHead(401, { "WWW-Authenticate": 'Basic realm="git"' }).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, refused: () => refused };
}

function serve(
  backend: string,
  folder: string,
  user: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? "/", "http://localhost");
  const { headers } = request;
  const child = spawn(backend, [], {
    env: {
      PATH: process.env.PATH,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: String(headers["git-protocol"] ?? ""),
      REMOTE_USER: user,
      REQUEST_METHOD: request.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: headers["content-type"],
      CONTENT_LENGTH: headers["content-length"],
      HTTP_CONTENT_ENCODING: headers["content-encoding"],
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.on("close", () => {
    const output = Buffer.concat(chunks);
    const end = output.indexOf("\r\n\r\n");
    const lines = output.toString("utf8", 0, end).split("\r\n");
    const named = lines.map((line) => line.split(": ", 2) as [string, string]);
    const status = named.find(([name]) => name === "Status")?.[1] ?? "200";
    const rest = named.filter(([name]) => name !== "Status");
    response
      .writeHead(Number.parseInt(status, 10), Object.fromEntries(rest))
      .end(output.subarray(end + 4));
  });
}
