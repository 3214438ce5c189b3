/**
 * What became of a job, as a value; the queue translates it (settle). `stale`: the store says that
 * this job has nothing to do any more, so it changes nothing. `parked`: it waits until promoted;
 * `afterwards` runs once it is parked, so that nobody promotes it too early.
 */
export type JobOutcome =
  | { readonly kind: "finished"; readonly note: string }
  | { readonly kind: "stale"; readonly reason: string }
  | { readonly kind: "parked"; readonly reason: string; readonly afterwards?: () => Promise<void> }
  | { readonly kind: "later"; readonly at: Date; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string };

export function stale(reason: string): JobOutcome {
  return { kind: "stale", reason };
}
