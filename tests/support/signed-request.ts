import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import type { TrackerName } from "../../src/domain/issue.js";

export const SECRETS: Readonly<Record<TrackerName, string>> = {
  gitea: "gitea-secret",
  plane: "plane-secret",
};

export interface SampleRequest {
  readonly source: TrackerName;
  readonly headers: Record<string, string>;
  /** What goes over the wire. */
  readonly body: Buffer;
  /** What the signature is over: the same, or a form's JSON. */
  readonly signed: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

const FIXTURES = new URL("../fixtures/", import.meta.url);

/** What each fixture is answered; `delivery` and a reason come on top. */
export function expectedAnswers(): Record<string, Record<string, unknown>> {
  return JSON.parse(readFileSync(new URL("expected.json", FIXTURES), "utf8"));
}

/** A fixture's request byte for byte, by its name in expected.json (`gitea/push_two_commits`). */
export function fixture(name: string): SampleRequest {
  const source = name.startsWith("plane/") ? "plane" : "gitea";
  const json = readFileSync(new URL(`${name}.json`, FIXTURES));
  const headers = JSON.parse(readFileSync(new URL(`${name}.headers.json`, FIXTURES), "utf8"));
  const form = headers["Content-Type"] === "application/x-www-form-urlencoded";
  const body = form ? readFileSync(new URL(`${name}.body`, FIXTURES)) : json;
  return { source, headers, body, signed: json };
}

/** A request of one's own making, from a body that needn't be JSON. */
export function request(
  source: TrackerName,
  headers: Record<string, string>,
  body: object | string | Buffer,
): SampleRequest {
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const all = { "Content-Type": "application/json", ...headers };
  return { source, headers: all, body: bytes, signed: bytes };
}

export function hmac(secret: string, bytes: Buffer, algorithm = "sha256"): string {
  return createHmac(algorithm, secret).update(bytes).digest("hex");
}

/** All signature headers the tracker sends, with one secret. */
export function signatures(
  { source, signed }: SampleRequest,
  secret = SECRETS[source],
): Record<string, string> {
  const hex = hmac(secret, signed);
  if (source === "plane") return { "X-Plane-Signature": hex };
  return {
    "X-Gitea-Signature": hex,
    "X-Gogs-Signature": hex,
    "X-Hub-Signature-256": `sha256=${hex}`,
    "X-Hub-Signature": `sha1=${hmac(secret, signed, "sha1")}`,
  };
}

export function signed(sample: SampleRequest, secret = SECRETS[sample.source]): SampleRequest {
  return { ...sample, headers: { ...sample.headers, ...signatures(sample, secret) } };
}

/** Another delivery id, as a replay or a retry has. */
export function redelivered(sample: SampleRequest, id: string): SampleRequest {
  const name = sample.source === "plane" ? "X-Plane-Delivery" : "X-Gitea-Delivery";
  return { ...sample, headers: { ...sample.headers, [name]: id } };
}

/** Posts exactly these bytes and headers to a receiver at `origin`. */
export async function post(origin: string, sample: SampleRequest): Promise<Answer> {
  const { "Accept-Encoding": _, ...headers } = sample.headers;
  const response = await fetch(`${origin}/webhook/${sample.source}`, {
    method: "POST",
    headers,
    body: new Uint8Array(sample.body),
    redirect: "error",
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) };
}
