import {
  DEFAULT_METADATA,
  type Difficulty,
  type IssueReference,
  type Metadata,
} from "../../domain/metadata.js";
import { distinctReferences, type ReferenceScope, referenceKey } from "../references.js";

/** Reads from an issue's text what it says of the work; what it doesn't say stays absent. */
export interface MetadataParser {
  /** A malformed text is never an error. A parser that asks somebody else throws when it gets no answer. */
  parse(text: string, context: MetadataContext): Promise<ParsedMetadata>;
}

export interface MetadataContext extends ReferenceScope {
  /** Keys of config's models; another agent counts as absent. */
  readonly models: readonly string[];
  /** The issue's own number: it can't block itself. */
  readonly issue?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Only what was found. An empty list was stated ("Blocks: None"), an absent one wasn't. */
export interface ParsedMetadata {
  readonly estimatedContext?: number;
  readonly difficulty?: Difficulty;
  readonly assignedAgent?: string;
  readonly blocks?: readonly IssueReference[];
  readonly blockedBy?: readonly IssueReference[];
}

/** Tokens; beyond it an estimate is a slip. */
export const MOST_TOKENS = 100_000_000;
/** Edges an issue may name in either direction; the rest is dropped. */
export const MOST_EDGES = 100;

/** What the text says, and the defaults for what it doesn't. */
export function withDefaults(parsed: ParsedMetadata): Metadata {
  return { ...DEFAULT_METADATA, ...parsed };
}

/** A count of tokens that can be meant, as a whole number; else undefined. */
export function plausibleTokens(tokens: number): number | undefined {
  const whole = Math.round(tokens);
  return whole >= 1 && whole <= MOST_TOKENS ? whole : undefined;
}

/** The key of `models` a word means, in any case. */
export function knownModel(word: string, models: readonly string[]): string | undefined {
  return models.find((model) => model.toLowerCase() === word.toLowerCase());
}

/** Each edge once, none to the issue itself, no more than allowed. */
export function tidyEdges(
  edges: readonly IssueReference[],
  context: MetadataContext,
): readonly IssueReference[] {
  const itself = context.issue === undefined ? null : referenceKey(context.issue);
  return distinctReferences(
    edges.filter((edge) => referenceKey(edge) !== itself),
    MOST_EDGES,
  );
}

/** Builds a result without keys for what is undefined. */
export function parsedMetadata(
  found: {
    readonly [Key in keyof ParsedMetadata]: ParsedMetadata[Key] | undefined;
  },
): ParsedMetadata {
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
