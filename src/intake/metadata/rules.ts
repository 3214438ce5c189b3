import type { IssueReference } from "../../domain/metadata.js";
import { findReferences } from "../references.js";
import {
  type Field,
  hasForeignLabel,
  type Labelled,
  labelledHeading,
  labelledPieces,
  unpunctuatedEdge,
} from "./labels.js";
import {
  type MetadataContext,
  type MetadataParser,
  type ParsedMetadata,
  parsedMetadata,
  tidyEdges,
} from "./parser.js";
import { type PlainLine, plainLines } from "./plain-lines.js";
import { readAgent, readDifficulty, readEdges, readTokens } from "./values.js";

/** Reads the sections people write, by labels; needs nobody and no key. Linear in the text's length. */
export function rulesParser(): MetadataParser {
  return { parse: async (text, context) => parseByRules(text, context) };
}

/** What the text states under labels ("Total estimated: 46800 tokens", "## Blocked by"), and no more. */
export function parseByRules(text: string, context: MetadataContext): ParsedMetadata {
  const findings = new Findings(context);
  let section: Section | null = null;
  for (const line of plainLines(text)) section = readLine(line, section, findings);
  return findings.result();
}

/** A label whose value stands on the lines after it. */
interface Section {
  readonly field: Field;
  readonly heading: boolean;
  /** Of the label's own list item; −1: it stands in no list. */
  readonly indent: number;
}

/** Takes what a line says and returns the section the next one is in. */
function readLine(line: PlainLine, section: Section | null, findings: Findings): Section | null {
  if (line.kind === "blank") return section;
  const heading = isHeading(line, section, findings);
  const pieces = heading ? labelledHeading(line.text) : piecesOf(line.text, findings);
  for (const piece of pieces) findings.take(piece);
  const last = pieces.at(-1);
  if (last?.value === "") {
    return { field: last.field, heading, indent: line.kind === "list" ? line.indent : -1 };
  }
  if (heading) return null;
  if (pieces.length > 0) return section?.heading ? section : null;
  return section === null ? null : readInSection(line, section, findings);
}

/** "medium" above a rule is still the value of the label before it. */
function isHeading(line: PlainLine, section: Section | null, findings: Findings): boolean {
  if (line.kind !== "underlined") return line.kind === "heading";
  return section === null || !(isScalar(section.field) || findings.beginsEdges(line.text));
}

function isScalar(field: Field): boolean {
  return field !== "blocks" && field !== "blockedBy";
}

function piecesOf(text: string, findings: Findings): Labelled[] {
  const pieces = labelledPieces(text);
  const sentence = pieces.length === 0 ? unpunctuatedEdge(text) : null;
  return sentence !== null && findings.startsWithReference(sentence.value) ? [sentence] : pieces;
}

function readInSection(line: PlainLine, section: Section, findings: Findings): Section | null {
  const afterwards = section.heading ? section : null;
  if (hasForeignLabel(line.text)) return afterwards;
  if (line.kind === "list" && !section.heading && line.indent <= section.indent) return null;
  if (isScalar(section.field)) {
    if (line.checked === false) return section;
    findings.take({ field: section.field, value: line.text });
    return null;
  }
  if (line.kind !== "list" && !findings.beginsEdges(line.text)) return afterwards;
  findings.take({ field: section.field, value: line.text });
  return section;
}

/** What was found so far; the first of each wins, edges add up. */
class Findings {
  readonly #context: MetadataContext;
  readonly #tokens = new Map<Field, number>();
  readonly #edges: { blocks?: IssueReference[]; blockedBy?: IssueReference[] } = {};
  #difficulty: ParsedMetadata["difficulty"] | undefined;
  #agent: string | undefined;

  constructor(context: MetadataContext) {
    this.#context = context;
  }

  take({ field, value }: Labelled): void {
    switch (field) {
      case "difficulty":
        this.#difficulty ??= readDifficulty(value);
        return;
      case "agent":
        this.#agent ??= readAgent(value, this.#context.models);
        return;
      case "blocks":
      case "blockedBy": {
        const edges = readEdges(value, this.#context);
        if (edges !== undefined) this.#edges[field] = [...(this.#edges[field] ?? []), ...edges];
        return;
      }
      case "total":
      case "estimate":
      case "looseEstimate": {
        const tokens = readTokens(value, field === "looseEstimate");
        if (tokens !== undefined && !this.#tokens.has(field)) this.#tokens.set(field, tokens);
      }
    }
  }

  startsWithReference(text: string): boolean {
    return findReferences(text, this.#context)[0]?.start === 0;
  }

  /** Does a line of plain text begin a list of edges, or say there are none? */
  beginsEdges(text: string): boolean {
    return this.startsWithReference(text) || readEdges(text, this.#context)?.length === 0;
  }

  /** A total says more than an estimate of a part. */
  result(): ParsedMetadata {
    const { blocks, blockedBy } = this.#edges;
    return parsedMetadata({
      estimatedContext:
        this.#tokens.get("total") ??
        this.#tokens.get("estimate") ??
        this.#tokens.get("looseEstimate"),
      difficulty: this.#difficulty,
      assignedAgent: this.#agent,
      blocks: blocks && tidyEdges(blocks, this.#context),
      blockedBy: blockedBy && tidyEdges(blockedBy, this.#context),
    });
  }
}
