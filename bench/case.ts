import type { EmbeddedRedis } from "../src/redis/embedded-server.js";
import type { Sample } from "./statistics.js";

/** Something that is measured by itself; it makes one or more lines of the table. */
export interface BenchCase {
  /** For `--only`. */
  readonly name: string;
  measure(bench: Bench): Promise<readonly Measured[]>;
}

/** What a line should come to. `unit` is empty for a ratio. */
export type Goal =
  | { readonly kind: "at least" | "at most"; readonly value: number; readonly unit: string }
  /** Told, since people ask for it, and not judged. */
  | { readonly kind: "none"; readonly unit: string };

/** One line of the table. */
export interface Measured {
  readonly what: string;
  readonly goal: Goal;
  /** One value a round; the table shows their median. */
  readonly values: Sample;
  /** What the values were made of, in words. */
  readonly detail: string;
}

/** What a case is given; whatever it opens ends with it. */
export interface Bench {
  /** Fewer and shorter rounds: for a first look, not for the README. */
  readonly quick: boolean;
  /** A Redis of this case alone. */
  readonly redis: EmbeddedRedis;
  /** A folder of this case alone. */
  readonly folder: string;
  /** Where programs are looked for; without a native Redis where that isn't measured. */
  readonly path: string | undefined;
  /** Starts a program and waits until it says that it is ready. */
  start(program: Program): Promise<Started>;
  /** What is to be closed when the case ends, also by a fault or a signal; the latest first. */
  atEnd(close: () => Promise<void>): void;
  /** Progress, for whoever watches. */
  say(text: string): void;
}

export interface Program {
  /** Compiled, relative to the build's folder. */
  readonly path: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The `msg` of the JSON line on standard error that says it is ready. */
  readonly ready: string;
}

export interface Started {
  readonly pid: number;
  /** The line that said it is ready. */
  readonly said: Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}
