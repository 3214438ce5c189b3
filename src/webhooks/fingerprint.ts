import { createHash } from "node:crypto";
import type { TrackerName } from "../domain/issue.js";

/**
 * What stays the same when a tracker sends something again under a new delivery id: Plane's retries,
 * Gitea's replays, overlapping hooks. Hex sha256 of source and raw JSON body.
 */
export function fingerprintOf(source: TrackerName, body: Buffer): string {
  return sha256(source, body);
}

/**
 * `<source>:<id as sent>`; where none was sent, a hash of what was: in Gitea with the event it is
 * routed by, since the body alone doesn't say it.
 */
export function deliveryIdOf(
  source: TrackerName,
  sentId: string | undefined,
  routedBy: string | undefined,
  body: Buffer,
): string {
  if (sentId !== undefined) return `${source}:${sentId}`;
  const event = source === "gitea" ? (routedBy ?? "unknown") : "";
  return `${source}:${sha256(source, event, body)}`;
}

function sha256(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
