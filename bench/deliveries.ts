import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

export const SECRET = "a-secret-for-measuring";
export const REPO = "acme/rocket";
export const BOT = "devbot";

/** What Gitea sends, with all its fields. */
const SAMPLE = new URL("../../tests/fixtures/gitea/issues_assigned_to_bot.json", import.meta.url);

let issues = 0;

/** So many signed assignments of different issues to the bot, each a whole request as bytes. */
export function deliveries(count: number): readonly Buffer[] {
  return Array.from({ length: count }, () => {
    issues += 1;
    return assignmentOf(issues);
  });
}

/** The issue of this number is assigned to the bot. */
export function assignmentOf(number: number): Buffer {
  return request(bodyOf(JSON.parse(readFileSync(SAMPLE, "utf8")), number));
}

const BODY_BYTES = 8 * 1024;
const SENTENCE = "The frames of each stage are to be counted, and shown on its page. ";
/** The issue's text is what fills it up to 8 KB. */
function bodyOf(sample: { issue: { body: string } }, number: number): Buffer {
  const written = (body: string) => {
    const issue = { ...sample.issue, number, body };
    return Buffer.from(JSON.stringify({ ...sample, number, issue }));
  };
  const missing = BODY_BYTES - written("").length;
  return written(SENTENCE.repeat(Math.ceil(missing / SENTENCE.length)).slice(0, missing));
}

function request(body: Buffer): Buffer {
  const id = randomUUID();
  const head = [
    "POST /webhook/gitea HTTP/1.1",
    "Host: 127.0.0.1",
    "User-Agent: Go-http-client/1.1",
    `Content-Length: ${body.length}`,
    "Content-Type: application/json",
    `X-Gitea-Delivery: ${id}`,
    "X-Gitea-Event: issues",
    "X-Gitea-Event-Type: issue_assign",
    `X-Gitea-Signature: ${createHmac("sha256", SECRET).update(body).digest("hex")}`,
    "Accept-Encoding: gzip",
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]);
}
