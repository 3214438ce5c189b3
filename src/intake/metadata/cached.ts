import { createHash } from "node:crypto";
import type { MetadataContext, MetadataParser, ParsedMetadata } from "./parser.js";

/** Keeps what a model said of a text. Either call may throw; the parser then goes on without it. */
export interface MetadataCache {
  /** Null: not kept, or not readable any more. */
  get(hash: string): Promise<ParsedMetadata | null>;
  set(hash: string, value: ParsedMetadata): Promise<void>;
}

/** Raised when prompt, schema or reading change, so that old answers aren't taken for new ones. */
const PARSER_VERSION = 1;

/**
 * Asks `parser` once for the same text, across processes by the cache and within this one by sharing
 * the call. Failures aren't kept. A caller that gives up leaves the call to the others.
 */
export function cachedParser(
  parser: MetadataParser,
  options: {
    readonly cache: MetadataCache;
    /** The model's id: another model's answer is another answer. */
    readonly model: string;
    readonly onCacheError: (error: unknown) => void;
  },
): MetadataParser {
  const underway = new Map<string, Promise<ParsedMetadata>>();

  async function ask(hash: string, text: string, context: MetadataContext) {
    const kept = await options.cache.get(hash).catch(withoutCache);
    if (kept !== null) return kept;
    const fresh = await parser.parse(text, context);
    await options.cache.set(hash, fresh).catch(withoutCache);
    return fresh;
  }

  function withoutCache(error: unknown): null {
    options.onCacheError(error);
    return null;
  }

  return {
    async parse(text, { signal, ...context }) {
      signal?.throwIfAborted();
      const hash = cacheHash(text, options.model, context.models);
      const shared =
        underway.get(hash) ?? ask(hash, text, context).finally(() => underway.delete(hash));
      underway.set(hash, shared);
      return signal === undefined ? shared : untilAborted(shared, signal);
    },
  };
}

/** Hex sha256 of everything the answer depends on; where the issue stands is applied afterwards. */
function cacheHash(text: string, model: string, models: readonly string[]): string {
  const asked = [PARSER_VERSION, model, [...models].sort(), text];
  return createHash("sha256").update(JSON.stringify(asked)).digest("hex");
}

function untilAborted<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
    shared.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
  });
}
