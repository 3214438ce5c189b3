import { createChangeFeed } from "../src/redis/change-feed.js";
import { connectRedis } from "../src/redis/connection.js";
import { silentLogger } from "../src/telemetry/logger.js";
import { Countdown } from "./countdown.js";

export interface DoneItems {
  /** Resolves when so many more items are done than now. */
  next(count: number): Promise<void>;
  close(): void;
}

/** Hears of items that are done as open pages do: nothing asks, so nothing is slowed down by it. */
export async function watchDone(url: string, prefix: string): Promise<DoneItems> {
  const connection = connectRedis({ url, role: "worker", log: silentLogger() });
  const feed = createChangeFeed(connection, prefix, silentLogger());
  let left: Countdown | null = null;
  const listening = new Countdown(1);
  feed.follow((change) => {
    // What it says when it has begun to listen.
    if (change === null) listening.one();
    else if (change.status === "done") left?.one();
  });
  await listening.over;
  return {
    next(count) {
      left = new Countdown(count);
      return left.over;
    },
    close() {
      feed.close();
      connection.disconnect();
    },
  };
}
