import type { Snapshot } from "../snapshot.js";

/** Something that holds whatever happened to the fleet. */
export interface Invariant {
  /** A sentence. */
  readonly name: string;
  /** What contradicts it, a line each; none: it holds. */
  readonly broken: (snapshot: Snapshot) => readonly string[];
}

/** Those that occur more than once, once each. */
export function repeated(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
