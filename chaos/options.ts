import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";

export interface Options {
  readonly seed: number;
  /** How long faults are played. */
  readonly minutes: number;
  /** Leaves the folder with all logs behind. */
  readonly keep: boolean;
}

export type Asked =
  | { readonly kind: "play"; readonly options: Options }
  | { readonly kind: "help" }
  | { readonly kind: "refused"; readonly why: string };

const SEEDS = 2 ** 32;
const LONGEST_MINUTES = 60;
const SHORTEST_MINUTES = 0.25;

export const HELP = `npm run chaos -- [--seed N] [--minutes M] [--keep]

Plays faults against a fleet of real processes while work comes in, lets it settle, and checks that
every invariant holds. Exit code 0: all hold; 1: one doesn't; 2: it couldn't be played.

  --seed N      whole number from 0 to ${SEEDS - 1}; the same load and faults again. Default: a fresh one
  --minutes M   how long faults are played, ${SHORTEST_MINUTES} to ${LONGEST_MINUTES}. Default: 3
                In 2 or more 70 issues come a minute, else 40
  --keep        leave the folder with the logs of all processes, and say where it is
  --help        this text

Needs redis-server or valkey-server on PATH, git, and Linux.`;

/** What the command line asks for; nothing is done about it here. */
export function readOptions(args: readonly string[]): Asked {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: "string" },
        minutes: { type: "string", default: "3" },
        keep: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return { kind: "help" };
    return checked(values.seed, values.minutes, values.keep);
  } catch (error) {
    if (error instanceof TypeError) return { kind: "refused", why: error.message };
    throw error;
  }
}

function checked(seed: string | undefined, minutes: string, keep: boolean): Asked {
  const chosen = seed === undefined ? randomInt(SEEDS) : numberIn(seed, /^\d{1,10}$/);
  if (!(chosen < SEEDS)) {
    return { kind: "refused", why: `--seed must be a whole number from 0 to ${SEEDS - 1}` };
  }
  const long = numberIn(minutes, /^\d{1,3}(\.\d{1,3})?$/);
  if (!(long >= SHORTEST_MINUTES && long <= LONGEST_MINUTES)) {
    const why = `--minutes must be a number from ${SHORTEST_MINUTES} to ${LONGEST_MINUTES}`;
    return { kind: "refused", why };
  }
  return { kind: "play", options: { seed: chosen, minutes: long, keep } };
}

/** NaN: it isn't written like one. */
function numberIn(text: string, pattern: RegExp): number {
  return pattern.test(text) ? Number(text) : Number.NaN;
}
