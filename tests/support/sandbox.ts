import { type Bubblewrap, probeBubblewrap, type Secluded } from "../../src/agents/bubblewrap.js";
import { programFile } from "../../src/agents/exposed-paths.js";

export const SEARCH_PATH = process.env.PATH ?? "";

const program = programFile("bwrap", SEARCH_PATH, "/");
const probed = program === null ? null : probeBubblewrap(program, SEARCH_PATH);

/** Why nothing can be tested in a sandbox here; null: it can. */
export const NO_SANDBOX =
  probed === null
    ? "bubblewrap (bwrap) is not installed"
    : probed.kind === "broken"
      ? `bubblewrap doesn't work here: ${probed.why}`
      : null;

/** Follows the name of a suite that is skipped without a sandbox. */
export const SKIPPED = NO_SANDBOX === null ? "" : ` (skipped: ${NO_SANDBOX})`;

export function bubblewrapHere(secluded: Secluded): Bubblewrap {
  if (program === null || probed?.kind !== "works") throw new Error(NO_SANDBOX ?? "no sandbox");
  return { program, isolation: probed.isolation, secluded, searchPath: SEARCH_PATH };
}
