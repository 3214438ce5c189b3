import { Cluster } from "ioredis";
import { STAGES } from "../domain/stage.js";
import { ITEM_STATUSES } from "../domain/work-item.js";
import type { ItemChange, ItemChanges } from "../engine/item-changes.js";
import type { Logger } from "../telemetry/logger.js";
import type { RedisConnection } from "./connection.js";
import { changesChannel } from "./keys.js";

export interface ChangeFeed extends ItemChanges {
  close(): void;
}

/** As `transition-item.lua` publishes it: `ET-001 review waiting`. */
export function changeMessage({ item, stage, status }: ItemChange): string {
  return `${item} ${stage} ${status}`;
}

/**
 * What the transitions of all processes publish, over one connection of its own, which is opened when
 * somebody begins to follow. After an outage listeners are told that they may have missed something.
 */
export function createChangeFeed(redis: RedisConnection, prefix: string, log: Logger): ChangeFeed {
  const listeners = new Set<(change: ItemChange | null) => void>();
  let subscriber: RedisConnection | null = null;
  let subscribed = false;
  let closed = false;
  const tell = (change: ItemChange | null) => {
    for (const listener of listeners) listener(change);
  };
  const open = () => {
    const connection = listening(redis);
    // The connection it was made after reports each outage.
    connection.on("error", saidElsewhere);
    connection.on("message", (_channel: string, message: string) => tell(readChange(message)));
    connection.on("close", () => {
      subscribed = false;
    });
    connection.on("ready", () => {
      connection.subscribe(changesChannel(prefix)).then(
        () => {
          subscribed = true;
          tell(null);
        },
        (error: unknown) => {
          if (!closed) log.warn({ err: error }, "open pages don't hear of changes");
        },
      );
    });
    return connection;
  };
  return {
    follow(listener) {
      if (closed) return () => {};
      listeners.add(listener);
      if (subscribed) listener(null);
      subscriber ??= open();
      return () => listeners.delete(listener);
    },
    close() {
      closed = true;
      listeners.clear();
      subscriber?.disconnect();
    },
  };
}

/** A connection that listens can do nothing else, and waits out every outage. */
function listening(redis: RedisConnection): RedisConnection {
  return redis instanceof Cluster ? redis.duplicate() : redis.duplicate({ lazyConnect: false });
}

/** Null for what a newer or older process may say. */
function readChange(message: string): ItemChange | null {
  const [item, givenStage, givenStatus] = message.split(" ");
  const stage = STAGES.find((each) => each === givenStage);
  const status = ITEM_STATUSES.find((each) => each === givenStatus);
  return item && stage && status ? { item, stage, status } : null;
}

function saidElsewhere(): void {}
