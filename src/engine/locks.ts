/** Short exclusive rights across the fleet, for what trackers can't do atomically. */
export interface Locks {
  /** Null: somebody has it. Else a function that gives it back; it ends by itself after `ttlMs`. */
  take(name: string, ttlMs: number): Promise<(() => Promise<void>) | null>;
}
