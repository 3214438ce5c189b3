import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { SECRET } from "./deliveries.js";

const KEEPS_BODY = process.env.KEEP_BODY === "1";

/**
 * What the receiver is measured against: the least that takes a webhook. Checks the signature, adds one
 * job with the data the receiver's job has, answers. No de-duplication, no log, no second look. With
 * KEEP_BODY=1 the job holds the body too, which the receiver keeps beside its job.
 */
const connection = new Redis(process.env.REDIS_URL ?? "", { maxRetriesPerRequest: null });
const queue = new Queue("bare", { connection, prefix: KEEPS_BODY ? "{bare-whole}" : "{bare}" });

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => void answer(request, Buffer.concat(chunks), response));
});

async function answer(request: IncomingMessage, body: Buffer, response: ServerResponse) {
  const expected = createHmac("sha256", SECRET).update(body).digest();
  const given = Buffer.from(String(request.headers["x-gitea-signature"]), "hex");
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) {
    response.writeHead(401).end();
    return;
  }
  await queue.add("issue in rocket", dataOf(request, body));
  response.setHeader("Content-Type", "application/json");
  response.end('{"status":"success"}');
}

function dataOf(request: IncomingMessage, body: Buffer): object {
  const text = body.toString("utf8");
  const { action, issue } = JSON.parse(text);
  return {
    ...(KEEPS_BODY ? { body: text } : {}),
    v: 1,
    delivery: `gitea:${request.headers["x-gitea-delivery"]}`,
    fingerprint: request.headers["x-gitea-signature"],
    event: {
      kind: "issue",
      project: "rocket",
      tracker: "gitea",
      action,
      number: issue.number,
      planeId: null,
      title: issue.title,
      url: issue.html_url,
      assigned: true,
      open: issue.state !== "closed",
      updatedAt: issue.updated_at,
    },
    receivedAt: new Date().toISOString(),
  };
}

server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  process.stderr.write(`${JSON.stringify({ msg: "up", url: `http://127.0.0.1:${port}` })}\n`);
});
process.on("SIGTERM", () => process.exit(0));
