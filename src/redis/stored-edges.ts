/** An edge as it is stored with its dependent: how many sources state it, and "!" while it is unmet. */
export function isUnmet(stored: string): boolean {
  return stored.endsWith("!");
}

/** Of a dependent's edges, by blocker, the blockers that hold it up. */
export function unmetAmong(edges: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(edges).filter((blocker) => isUnmet(edges[blocker] ?? ""));
}
