/** What was measured, one value a round; never empty. */
export type Sample = readonly number[];

export function median(sample: Sample): number {
  const sorted = [...sample].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) throw new Error("nothing was measured");
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** The value that `share` (0 to 1) of all are not above. */
export function percentile(sample: Sample, share: number): number {
  const sorted = [...sample].sort((one, other) => one - other);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new Error("nothing was measured");
  return value;
}

/** Smallest and largest. */
export function spread(sample: Sample): readonly [number, number] {
  return [Math.min(...sample), Math.max(...sample)];
}
