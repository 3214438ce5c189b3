import type { Redis } from "ioredis";
import { z } from "zod";
import type { MetadataCache } from "../intake/metadata/cached.js";
import { parsedMetadata } from "../intake/metadata/parser.js";

const KEPT_SECONDS = 30 * 24 * 60 * 60;

const references = z.array(z.union([z.number(), z.string()]));
const Kept = z.object({
  estimatedContext: z.number().optional(),
  difficulty: z.enum(["easy", "medium", "hard"]).optional(),
  assignedAgent: z.string().optional(),
  blocks: references.optional(),
  blockedBy: references.optional(),
});

/**
 * Models' answers as JSON under `<prefix>:metadata:<hash>`, for 30 days. What can't be read any more
 * counts as not kept. Throws when the store can't be reached.
 */
export function redisMetadataCache(
  client: Pick<Redis, "get" | "set">,
  prefix: string,
): MetadataCache {
  const keyOf = (hash: string) => `${prefix}:metadata:${hash}`;
  return {
    async get(hash) {
      const stored = await client.get(keyOf(hash));
      const kept = stored === null ? null : Kept.safeParse(asJson(stored));
      return kept?.success ? parsedMetadata(kept.data) : null;
    },
    async set(hash, value) {
      await client.set(keyOf(hash), JSON.stringify(value), "EX", KEPT_SECONDS);
    },
  };
}

/** Undefined, which no schema takes, for what isn't JSON. */
function asJson(stored: string): unknown {
  try {
    return JSON.parse(stored);
  } catch {
    return undefined;
  }
}
