import { WorkspaceError } from "../engine/workspace.js";
import { ABSENT, type Change, GITLINK, patchSince } from "./changes.js";
import { mebibytes } from "./disk.js";
import { type Git, type GitCall, outputOf } from "./git.js";
import { touchedProtected } from "./rules.js";
import { LONGEST_SHOWN, shownPath } from "./safe-names.js";
import { carriesSecret, createSecretSearch } from "./secret-search.js";

/** What a run's changes are held against before they are committed. */
export interface Limits {
  readonly secrets: readonly string[];
  /** Most that the changed files may hold together, in bytes. */
  readonly maxRunBytes: number;
  /** Globs. */
  readonly protectedPaths: readonly string[];
  /** Exact paths that a person let this run change, though they are protected. */
  readonly allowedPaths: readonly string[];
}

export interface Inspected {
  readonly git: Git;
  /** The index that holds the changes. */
  readonly call: GitCall;
  readonly head: string;
  readonly changes: readonly Change[];
  readonly message: string;
}

/**
 * Names come first, since what follows may name them; sizes before contents, which are then read.
 * @throws WorkspaceError `secret-found`, `protected-path`, `too-large`, `git-failed`
 */
export async function inspect(inspected: Inspected, limits: Limits): Promise<void> {
  const { changes, message } = inspected;
  refuseSecretNames(changes, message, limits.secrets);
  refuseProtected(changes, limits);
  refuseLinks(changes);
  await refuseLarge(inspected, limits.maxRunBytes);
  await refuseSecrets(inspected, limits.secrets);
}

function refuseSecretNames(
  changes: readonly Change[],
  message: string,
  secrets: readonly string[],
): void {
  const names = changes.filter(({ after }) => after.mode !== ABSENT).map(({ path }) => path);
  if (carriesSecret(secrets, names.join("\n"))) throw secretIn("a file's name");
  if (carriesSecret(secrets, message)) throw secretIn("the commit's message");
}

/** More, or longer ones, are not told one by one, so that nobody can allow them unseen. */
const MOST_NAMED = 30;

function refuseProtected(changes: readonly Change[], limits: Limits): void {
  const paths = changes.map((change) => change.path);
  const touched = touchedProtected(limits.protectedPaths, paths);
  if (touched.every((path) => limits.allowedPaths.includes(path))) return;
  const short = touched.filter((path) => path.length <= LONGEST_SHOWN).slice(0, MOST_NAMED);
  const all = short.length === touched.length;
  const named = short.map(shownPath).join(", ");
  throw new WorkspaceError(
    "protected-path",
    all
      ? `the run touched ${named}`
      : `the run touched ${touched.length} protected paths, among them ${named}`,
    all ? { paths: touched } : {},
  );
}

function refuseLinks(changes: readonly Change[]): void {
  const links = changes.filter((change) => change.after.mode === GITLINK);
  if (links.length === 0) return;
  const paths = links.map((change) => shownPath(change.path)).join(", ");
  throw new WorkspaceError("git-failed", `a repository stands inside the tree: ${paths}`);
}

async function refuseLarge(inspected: Inspected, maxRunBytes: number): Promise<void> {
  const files = inspected.changes.filter(({ after }) => after.mode !== ABSENT);
  if (files.length === 0 || maxRunBytes === Number.POSITIVE_INFINITY) return;
  const input = files.map(({ after }) => `${after.object}\n`).join("");
  const args = ["cat-file", "--batch-check=%(objectsize)"];
  const output = outputOf("cat-file", await inspected.git(args, { ...inspected.call, input }));
  const sizes = output.split("\n").map(Number);
  const sum = sizes.reduce((total, size) => total + size, 0);
  if (sum <= maxRunBytes) return;
  const largest = shownPath(files[sizes.indexOf(Math.max(...sizes))]?.path ?? "");
  throw new WorkspaceError(
    "too-large",
    `what the run changed holds ${mebibytes(sum)}, more than ${mebibytes(maxRunBytes)} (limits.runBytes); the largest file is ${largest}`,
  );
}

async function refuseSecrets(inspected: Inspected, secrets: readonly string[]): Promise<void> {
  if (secrets.length === 0 || inspected.changes.length === 0) return;
  const search = createSecretSearch(secrets);
  await patchSince(inspected.git, inspected.call, inspected.head, search.take);
  const where = search.found();
  if (where !== null) throw secretIn(shownPath(where));
}

function secretIn(where: string): WorkspaceError {
  return new WorkspaceError("secret-found", `a configured secret stands in ${where}`);
}
