/** `ET-001`; numbers pass 999. */
export function itemId(prefix: string, count: number): string {
  return `${prefix}-${String(count).padStart(3, "0")}`;
}

export const ITEM_ID = /^[A-Z][A-Z0-9]{0,9}-\d{3,9}$/;

/** `feature/ET-001-<slug>`; the slug is ASCII, at most 40 characters, and may be missing. */
export function branchName(id: string, title: string): string {
  const slug = title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-|-$/g, "");
  return slug === "" ? `feature/${id}` : `feature/${id}-${slug}`;
}

/** The item whose branch this may be by its name; whether it is, its document says. */
export function itemOfBranch(branch: string): string | null {
  return /^feature\/([A-Z][A-Z0-9]{0,9}-\d{3,9})(?:-|$)/.exec(branch)?.[1] ?? null;
}

/** Job ids: deterministic, without `:` and never all digits (both are refused by the queue). */
export const jobIds = {
  advance: (item: string, version: number, evaluation: string) =>
    `${item}-v${version}-advance-${evaluation}`,
  gate: (item: string, version: number, evaluation: string) =>
    `${item}-v${version}-gate-${evaluation}`,
  run: (item: string, version: number) => `${item}-v${version}-run`,
  slot: (item: string, version: number) => `${item}-v${version}-slot`,
  pullRequest: (item: string, version: number) => `${item}-v${version}-pull-request`,
  edge: (item: string, version: number, blocker: string, generation: number) =>
    `${item}-v${version}-edge-${blocker.replace(/[^A-Za-z0-9.-]+/g, "_")}-g${generation}`,
};

/** The evaluation that follows a version's own run. */
export const AFTER_RUN = "run";
