export type Difficulty = "easy" | "medium" | "hard";

/** A number in the issue's own repository, or `owner/repo#n` in another. */
export type IssueReference = number | string;

/** What an issue's text says of the work. */
export interface Metadata {
  /** Tokens. */
  readonly estimatedContext: number;
  readonly difficulty: Difficulty;
  /** A key of config's `models`. */
  readonly assignedAgent: string;
  readonly blocks: readonly IssueReference[];
  readonly blockedBy: readonly IssueReference[];
}

export const DEFAULT_METADATA: Metadata = {
  estimatedContext: 50_000,
  difficulty: "medium",
  assignedAgent: "sonnet",
  blocks: [],
  blockedBy: [],
};
