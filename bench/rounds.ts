import type { Sample } from "./statistics.js";

/** One side of a comparison: does the work once and says how much of it went by in a second. */
export type Side = () => Promise<number>;

export interface Compared {
  readonly ours: Sample;
  readonly theirs: Sample;
  readonly ratios: Sample;
}

/**
 * Both sides in turns, so that whatever else the machine does meets both; who begins changes with each
 * round. The first round only warms up.
 */
export async function inTurns(rounds: number, ours: Side, theirs: Side): Promise<Compared> {
  const [mine, others]: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round += 1) {
    const [first, second] = round % 2 === 0 ? [ours, theirs] : [theirs, ours];
    const values = [await first(), await second()] as const;
    if (round === 0) continue;
    const [own, other] = round % 2 === 0 ? values : ([values[1], values[0]] as const);
    mine.push(own);
    others.push(other);
  }
  return { ours: mine, theirs: others, ratios: mine.map((own, at) => own / (others[at] ?? 0)) };
}
