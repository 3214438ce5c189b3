import { ITEM_ID } from "../domain/ids.js";
import { WorkspaceError } from "../engine/workspace.js";

/**
 * Stricter than `git check-ref-format`: each part begins with a letter, digit or underscore, so
 * nothing reads as an option, and no control or bidirectional character, space or glob gets through.
 */
const PART = /^[A-Za-z0-9_][A-Za-z0-9._+=#-]*$/;
const LONGEST_NAME = 200;
const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const PROJECT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** @throws WorkspaceError `unsafe-name` */
export function safeBranch(name: string): string {
  const parts = name.split("/");
  if (name.length > LONGEST_NAME || name === "HEAD" || !parts.every(isSafePart)) {
    throw unsafe("branch name", name);
  }
  return name;
}

/** @throws WorkspaceError `unsafe-name` */
export function safeItem(id: string): string {
  if (!ITEM_ID.test(id)) throw unsafe("item id", id);
  return id;
}

/** @throws WorkspaceError `unsafe-name` */
export function safeProject(name: string): string {
  if (!PROJECT.test(name) || name.includes("..") || name.endsWith(".lock")) {
    throw unsafe("project name", name);
  }
  return name;
}

/** @throws WorkspaceError `unsafe-name` */
export function safeSha(commit: string): string {
  if (!SHA.test(commit)) throw unsafe("commit", commit);
  return commit;
}

/** A path inside a repository, as git writes it. @throws WorkspaceError `unsafe-name` */
export function safePath(path: string): string {
  const parts = path.split("/");
  const odd = parts.some(
    (part) => part === "" || part === "." || part === ".." || part.toLowerCase() === ".git",
  );
  if (odd || /\p{Cc}/u.test(path)) throw unsafe("path", path);
  return path;
}

function isSafePart(part: string): boolean {
  return PART.test(part) && !part.includes("..") && !part.endsWith(".") && !part.endsWith(".lock");
}

export function unsafe(what: string, value: string): WorkspaceError {
  return new WorkspaceError("unsafe-name", `${what} ${quoted(value)} is not allowed`);
}

/** A longer name is cut where people read it. */
export const LONGEST_SHOWN = 300;

/** A path for people: agents choose names, and nothing in one may act in a comment or a log. */
export function shownPath(path: string): string {
  const plain = path.length <= LONGEST_SHOWN && /^[\p{L}\p{N}_./+=, -]+$/u.test(path);
  return plain ? path : quoted(path);
}

function quoted(text: string): string {
  const cut = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
  return JSON.stringify(cut).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}`<>@&*[\]()!#|~]/gu,
    (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`,
  );
}
