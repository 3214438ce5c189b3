import { isUtf8 } from "node:buffer";
import type { TrackerName } from "../domain/issue.js";

/** A webhook request as it came, its body read whole. */
export interface WebhookRequest {
  readonly source: TrackerName;
  /** Lower-case name → value; one sent twice is joined by ", ". */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** A header's value; blank counts as absent. */
export function header(request: WebhookRequest, name: string): string | undefined {
  const value = request.headers[name];
  const text = (typeof value === "string" ? value : value?.join(", "))?.trim();
  return text === "" ? undefined : text;
}

/** What was signed, and whether it is of a kind we read. */
export interface Content {
  readonly signed: Buffer;
  readonly supported: boolean;
}

/** Trackers sign the JSON: in a form that is the decoded `payload`, else the body byte for byte. */
export function contentOf(request: WebhookRequest): Content {
  const type = header(request, "content-type")?.split(";")[0]?.trim().toLowerCase();
  const encoding = header(request, "content-encoding")?.toLowerCase() ?? "identity";
  const plain = encoding === "identity";
  if (type === "application/x-www-form-urlencoded" && plain) {
    return { signed: payloadOf(request.body), supported: true };
  }
  return { signed: request.body, supported: type === "application/json" && plain };
}

/** Two payloads would leave open which one was meant: none is. */
function payloadOf(form: Buffer): Buffer {
  const payloads = new URLSearchParams(form.toString("utf8")).getAll("payload");
  return Buffer.from(payloads.length === 1 ? (payloads[0] ?? "") : "");
}

export type Json =
  | { readonly ok: true; readonly body: object }
  | { readonly ok: false; readonly detail: string };

/** Parses the signed bytes; only an object can be an event. */
export function parseJson(bytes: Buffer): Json {
  if (!isUtf8(bytes)) return { ok: false, detail: "body: is not UTF-8" };
  try {
    const body: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof body === "object" && body !== null && !Array.isArray(body)
      ? { ok: true, body }
      : { ok: false, detail: "body: is not a JSON object" };
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, detail: "body: is not JSON" };
    throw error;
  }
}
