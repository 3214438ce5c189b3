import type { Sample } from "./statistics.js";

/** One side of a comparison: does the work once and says how much of it went by in a second. */
export type Side = () => Promise<number>;

export interface Compared {
  readonly ours: Sample;
  readonly theirs: Sample;
  readonly ratios: Sample;
}

/**
 * Both sides in turns, so that whatever else the machine does meets both; each begins as often. The first round only warms up.
 */
export async function inTurns(rounds: number, ours: Side, theirs: Side): Promise<Compared> {
  const [mine, others] = await takeTurns(rounds, [ours, theirs]);
  return compare(mine ?? [], others ?? []);
}

/** The same with any number of sides; what each of them did, in their order. */
export async function takeTurns(
  rounds: number,
  sides: readonly Side[],
): Promise<readonly Sample[]> {
  const values = sides.map((side) => ({ side, rates: [] as number[] }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { side, rates } of inOrder(values, round)) {
      const rate = await side();
      if (round > 0) rates.push(rate);
    }
  }
  return values.map(({ rates }) => rates);
}

/** Of two or three, each comes at each place, behind each other one, equally often. */
function inOrder<Each>(sides: readonly Each[], round: number): readonly Each[] {
  const first = Math.floor(round / 2) % sides.length;
  const turned = [...sides.slice(first), ...sides.slice(0, first)];
  return round % 2 === 0 ? turned : turned.toReversed();
}

/** Round by round. */
export function compare(ours: Sample, theirs: Sample): Compared {
  return { ours, theirs, ratios: ours.map((own, at) => own / (theirs[at] ?? 0)) };
}
