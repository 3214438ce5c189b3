import type { World } from "../world/world.js";

/** Something that goes wrong around the fleet for a while. */
export interface Fault {
  readonly name: string;
  /** What it may hit; one of them at a time is hit by it. */
  readonly targets: readonly string[];
  /** How long it lasts, in ms; both 0: it is over at once. */
  readonly shortest: number;
  readonly longest: number;
  /** How often it is played, beside the others. */
  readonly weight: number;
  /** Begins; the function returned gives back what was taken. Null: there was nothing to play it on. */
  begin(world: World, target: string): Promise<(() => Promise<void>) | null>;
}

export const OVER = async (): Promise<void> => undefined;
