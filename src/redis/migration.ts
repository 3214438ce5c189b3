import type { RedisConnection } from "./connection.js";

/** One step of stored state to a later version. It may be cut off anywhere and begin again. */
export interface Migration {
  readonly to: number;
  /** For the log. */
  readonly name: string;
  run(redis: RedisConnection, prefix: string): Promise<void>;
}
