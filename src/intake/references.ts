import type { IssueReference } from "../domain/metadata.js";

/** What turns a written reference into one of ours. */
export interface ReferenceScope {
  /** `owner/repo` of the issue that is read: references to it become plain numbers. */
  readonly repo?: string | null | undefined;
  /** The tracker's address; links elsewhere aren't edges. Unknown: every host counts. */
  readonly trackerUrl?: string | null | undefined;
}

export interface FoundReference {
  readonly reference: IssueReference;
  /** Offsets in the text that was searched. */
  readonly start: number;
  readonly end: number;
}

/**
 * A link, or `#n` with or without `owner/repo` before it. The look-behind lets a match begin only
 * where a word begins, which keeps the search linear and entities such as `&#160;` out.
 */
const CANDIDATE =
  /https?:\/\/[^\s<>()[\]"'`|]{1,1000}|(?<![\w&#/.-])([A-Za-z0-9][\w.-]{0,99}\/[A-Za-z0-9_][\w.-]{0,99})?#(\d{1,10})(?!\w)/gi;
const ISSUE_PATH =
  /^(.{0,900}\/)([A-Za-z0-9][\w.-]{0,99})\/([\w.-]{1,100})\/issues\/(\d{1,10})\/?$/;

/** `#n`, `owner/repo#n` and issue links, in the order they stand. */
export function findReferences(text: string, scope: ReferenceScope): FoundReference[] {
  const found: FoundReference[] = [];
  for (const match of text.matchAll(CANDIDATE)) {
    const reference =
      match[2] === undefined
        ? linkedIssue(match[0], scope)
        : referenceTo(match[1] ?? null, match[2], scope);
    if (reference === null) continue;
    found.push({ reference, start: match.index, end: match.index + match[0].length });
  }
  return found;
}

/** Does this address look like an issue's page, on whatever host? */
export function isIssueLink(url: string): boolean {
  return linkedIssue(url, {}) !== null;
}

/** The same issue has the same key, however its repository's name is cased. */
export function referenceKey(reference: IssueReference): string {
  return typeof reference === "number" ? `#${reference}` : reference.toLowerCase();
}

/** A reference as it reads inside `scope`: one to its own repository is a plain number. */
export function localReference(reference: IssueReference, scope: ReferenceScope): IssueReference {
  const [, repo = null, digits] = /^(.+)#(\d+)$/.exec(String(reference)) ?? [];
  const local = digits === undefined ? null : referenceTo(repo, digits, scope);
  return local ?? reference;
}

/** Each issue once, in the order first named, at most `limit`. */
export function distinctReferences(
  references: readonly IssueReference[],
  limit: number,
): IssueReference[] {
  const byKey = new Map<string, IssueReference>();
  for (const reference of references) {
    if (byKey.size >= limit) break;
    const key = referenceKey(reference);
    if (!byKey.has(key)) byKey.set(key, reference);
  }
  return [...byKey.values()];
}

function linkedIssue(written: string, scope: ReferenceScope): IssueReference | null {
  const address = written.replace(/[.,;:!?*_~]{1,5}$/, "");
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const [, before, owner, repo, number] = ISSUE_PATH.exec(url.pathname) ?? [];
  if (before === undefined || number === undefined) return null;
  if (!isBelow(url, before, scope.trackerUrl)) return null;
  return referenceTo(`${owner}/${repo}`, number, scope);
}

function isBelow(url: URL, before: string, trackerUrl: string | null | undefined): boolean {
  if (trackerUrl === null || trackerUrl === undefined || !URL.canParse(trackerUrl)) return true;
  const tracker = new URL(trackerUrl);
  return url.host === tracker.host && before === `${tracker.pathname.replace(/\/$/, "")}/`;
}

function referenceTo(
  repo: string | null,
  digits: string,
  scope: ReferenceScope,
): IssueReference | null {
  const number = Number(digits);
  if (number < 1) return null;
  if (repo === null || repo.toLowerCase() === scope.repo?.toLowerCase()) return number;
  return `${repo}#${number}`;
}
