/** Completed jobs are kept so long by default, in ms. */
export const WEEK_MS = 7 * 86_400_000;
