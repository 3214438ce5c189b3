import type { Difficulty, IssueReference } from "../../domain/metadata.js";
import { type FoundReference, findReferences, type ReferenceScope } from "../references.js";
import { knownModel, plausibleTokens } from "./parser.js";

const NUMBER =
  /^(?:[~≈<>≤≥ ]|about |approx\.? |approximately |around |circa |ca\. ?){0,5}(\d[\d.,'’_ ]{0,20})/i;
const AFTER_NUMBER =
  /^ ?(k|m|thousand|million)?(?![\p{L}\d])[ -]?(tokens?|tok|context)?(?!\p{L})/iu;
const GROUPED = /^\d{1,3}(?:[.,'’_ ]\d{3}){1,3}$/;
const FACTOR: Readonly<Record<string, number>> = {
  k: 1_000,
  thousand: 1_000,
  m: 1_000_000,
  million: 1_000_000,
};

/**
 * "46800 tokens", "46,800", "46 800", "46.8k" → 46800. A number of something else (hours, files) is
 * none; `unitNeeded` refuses a bare number too.
 */
export function readTokens(value: string, unitNeeded: boolean): number | undefined {
  const found = NUMBER.exec(value);
  const digits = found?.[1]?.replace(/[.,'’_ ]{1,21}$/, "");
  if (found === null || digits === undefined) return undefined;
  const rest = value.slice(value.indexOf(digits) + digits.length);
  const after = AFTER_NUMBER.exec(rest);
  if (after === null || isOtherUnit(rest.slice(after[0].length))) return undefined;
  if (unitNeeded && after[1] === undefined && after[2] === undefined) return undefined;
  const factor = FACTOR[after[1]?.toLowerCase() ?? ""];
  const number = readNumber(digits, factor !== undefined);
  return number === undefined ? undefined : plausibleTokens(number * (factor ?? 1));
}

/** "46800 hours": a word right after the number says what it counts; punctuation ends that. */
function isOtherUnit(rest: string): boolean {
  return (
    /^ ?[\p{L}%$€]/u.test(rest) && !/^ ?(?:in total|total|or so|max|overall)(?!\p{L})/iu.test(rest)
  );
}

/** Before a factor a point is decimal ("1.500k" is 1500); else three digits after it are thousands. */
function readNumber(digits: string, beforeFactor: boolean): number | undefined {
  if (/^\d+$/.test(digits)) return Number(digits);
  const decimal = /^\d+\.\d+$/.test(digits) || /^\d+,\d{1,2}$/.test(digits);
  if (decimal && (beforeFactor || !GROUPED.test(digits))) return Number(digits.replace(",", "."));
  return GROUPED.test(digits) ? Number(digits.replace(/\D/g, "")) : undefined;
}

/** The word a value begins with; "not easy" is none. */
export function readDifficulty(value: string): Difficulty | undefined {
  const word = /^[^\p{L}]{0,20}(easy|medium|hard)(?![\p{L}\d])/iu.exec(value)?.[1];
  return word === undefined ? undefined : (word.toLowerCase() as Difficulty);
}

/** The model's key a value begins with, or is. */
export function readAgent(value: string, models: readonly string[]): string | undefined {
  const whole = value.replace(/^["'\s@]+|["'\s.]{1,5}$/g, "");
  const word = /^[\w.-]{1,100}/.exec(whole)?.[0].replace(/\.{1,5}$/, "");
  return knownModel(whole, models) ?? (word === undefined ? undefined : knownModel(word, models));
}

const NONE =
  /^["'[\s]{0,5}(?:none|n\/?a|nothing|nobody|nil|null|not applicable|not blocked|no (?:dependenc|block|issue|one)[a-z]{0,10})(?![\p{L}\d])/iu;
const DASHES = /^(?:[-–—∅]{1,5}|no\.?|\[ ?\])$/i;
const ONLY_SEPARATORS = /^(?:[\s,;&+/|–—-]|and(?![a-z])|or(?![a-z])){0,30}$/i;
const LAST_SEPARATOR = /^.*(?:[,;&+|]|\sand\s)/i;
/** Words before a reference that say it is mentioned, not meant. */
const MENTION =
  /^(?:see|cf|not|was|formerly|which|since|because|but|like|unlike|replaces|replaced)(?![a-z])|(?:^|\s)(?:see|cf\.?|not|was|formerly|than|unlike|like|replaces|replaced)\s?$/i;

/**
 * The issues a value names: [] if it says there are none, undefined if it says nothing readable. In
 * "#160 needs all of #99" only the first is meant, in "#160, #162 and acme/other#7" all are.
 */
export function readEdges(value: string, scope: ReferenceScope): IssueReference[] | undefined {
  if (NONE.test(value) || DASHES.test(value)) return [];
  const meant: IssueReference[] = [];
  let last: FoundReference | null = null;
  for (const found of findReferences(value, scope)) {
    const between = value.slice(last?.end ?? 0, found.start);
    if (last === null ? !MENTION.test(between.trimStart()) : continuesList(between)) {
      meant.push(found.reference);
    }
    last = found;
  }
  return meant.length === 0 ? undefined : meant;
}

/** Is a reference after this text another of the same list? */
function continuesList(between: string): boolean {
  if (ONLY_SEPARATORS.test(between)) return true;
  const separated = LAST_SEPARATOR.exec(between);
  return separated !== null && !MENTION.test(between.slice(separated[0].length).trimStart());
}
