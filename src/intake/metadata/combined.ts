import type { IssueReference } from "../../domain/metadata.js";
import { withoutInvisible } from "../invisible.js";
import { proseLines } from "../prose.js";
import { findReferences, localReference, referenceKey } from "../references.js";
import {
  type MetadataContext,
  type MetadataParser,
  type ParsedMetadata,
  parsedMetadata,
  tidyEdges,
} from "./parser.js";
import { parseByRules } from "./rules.js";

/**
 * The model's reading under what people wrote: what the rules find is explicit and wins, the model
 * fills the rest, and an edge of the model counts only if the text names that issue. Without an
 * answer, for whatever reason, the rules stand alone; `onFallback` hears the reason. Throws only the
 * reason of an aborted `signal`, unless that is a timeout.
 */
export function combinedParser(
  model: MetadataParser,
  onFallback: (error: unknown) => void,
): MetadataParser {
  return {
    async parse(text, context) {
      const stated = parseByRules(text, context);
      try {
        return merged(stated, await model.parse(text, context), text, context);
      } catch (error) {
        if (isCalledOff(context.signal)) throw context.signal?.reason;
        onFallback(error);
        return stated;
      }
    },
  };
}

function merged(
  stated: ParsedMetadata,
  model: ParsedMetadata,
  text: string,
  context: MetadataContext,
): ParsedMetadata {
  const named = namedIn(text, context);
  const keep = (
    edges: readonly IssueReference[] | undefined,
    opposite: readonly IssueReference[] | undefined,
  ) => {
    const local = edges?.map((edge) => localReference(edge, context));
    const meant = local?.filter((edge) => named.has(referenceKey(edge)) && !holds(opposite, edge));
    return meant && tidyEdges(meant, context);
  };
  const blockedBy = stated.blockedBy ?? keep(model.blockedBy, stated.blocks);
  const blocks = stated.blocks ?? keep(model.blocks, blockedBy);
  return parsedMetadata({ ...model, ...stated, blocks, blockedBy });
}

/** Both directions at once would be a loop of two: a person's word decides, then `blocked_by`. */
function holds(edges: readonly IssueReference[] | undefined, edge: IssueReference): boolean {
  return edges?.some((other) => referenceKey(other) === referenceKey(edge)) ?? false;
}

/** The issues the visible text names, outside code and quotes; invented ones aren't among them. */
function namedIn(text: string, context: MetadataContext): ReadonlySet<string> {
  const found = proseLines(withoutInvisible(text)).flatMap((line) =>
    findReferences(line.text, context),
  );
  return new Set(found.map(({ reference }) => referenceKey(reference)));
}

/** A caller's time limit means "go on without the model"; any other abort means "stop". */
function isCalledOff(signal: AbortSignal | undefined): boolean {
  const reason: unknown = signal?.aborted === true ? signal.reason : undefined;
  return signal?.aborted === true && !(reason instanceof Error && reason.name === "TimeoutError");
}
