import { Redis } from "ioredis";

/**
 * What answers at an address: `ready` and `loading` are a Redis that takes our password, `nobody`
 * no listener at all, `foreign` anything else.
 */
export type Probe =
  | { readonly kind: "ready" | "loading"; readonly configFile: string }
  | { readonly kind: "nobody" }
  | { readonly kind: "foreign" };

/** Asks once; takes at most about two seconds. */
export async function probe(url: string): Promise<Probe> {
  const redis = oneShot(url);
  let refused = false;
  redis.on("error", (error: NodeJS.ErrnoException) => {
    refused ||= error.code === "ECONNREFUSED";
  });
  try {
    await redis.connect();
    const info = await redis.info();
    const configFile = /^config_file:(.*?)\r?$/m.exec(info)?.[1] ?? "";
    return { kind: /^loading:1/m.test(info) ? "loading" : "ready", configFile };
  } catch {
    // No answer, a stranger's answer and a refused password are alike: it isn't ours.
    return { kind: refused ? "nobody" : "foreign" };
  } finally {
    redis.disconnect();
  }
}

/** Tells a server of ours whose owner is gone to end; the append-only file holds what it knew. */
export async function shutDown(url: string): Promise<void> {
  const redis = oneShot(url);
  redis.on("error", () => redis.disconnect());
  try {
    await redis.connect();
    await redis.call("SHUTDOWN", "NOSAVE");
  } catch (error) {
    // A server that ends doesn't answer; one that answers has refused.
    if (replyCode(error) !== null) throw error;
  } finally {
    redis.disconnect();
  }
}

function oneShot(url: string): Redis {
  return new Redis(url, {
    lazyConnect: true,
    retryStrategy: null,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
    commandTimeout: 1_000,
  });
}

/** The first word of a server's error reply is its code. */
function replyCode(error: unknown): string | null {
  if (!(error instanceof Error) || error.name !== "ReplyError") return null;
  return error.message.split(" ", 1)[0] ?? null;
}
