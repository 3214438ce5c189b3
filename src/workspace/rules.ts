import picomatch from "picomatch";
import { artifactsFolder, mayWrite, takenOutBefore } from "../domain/artifacts.js";
import type { Role } from "../domain/stage.js";
import { ABSENT, type Change, type Entry } from "./changes.js";

/** Where artifacts of all items live. */
const ARTIFACTS_ROOT = "docs/work-items";
const REGULAR = ["100644", "100755"];

/** An index entry to be written instead of what the run left. */
export interface PutBack {
  readonly path: string;
  readonly entry: Entry;
}

/**
 * What of a run's changes below `docs/work-items/` does not stand: everything but its own role's
 * artifacts, as regular files, in its own item's folder. Files taken out before the run are gone,
 * unless the role may write them and did.
 */
export function putBacks(item: string, role: Role, changes: readonly Change[]): readonly PutBack[] {
  return changes.flatMap((change) => {
    const entry = shouldBe(item, role, change);
    return entry === change.after ? [] : [{ path: change.path, entry }];
  });
}

function shouldBe(item: string, role: Role, change: Change): Entry {
  // Anything in the way of the folder would take all artifacts with it.
  if (change.path === "docs" || change.path === ARTIFACTS_ROOT) return change.before;
  if (!change.path.startsWith(`${ARTIFACTS_ROOT}/`)) return change.after;
  const folder = `${artifactsFolder(item)}/`;
  if (!change.path.startsWith(folder)) return change.before;
  const artifact = change.path.slice(folder.length);
  const fits = change.after.mode === ABSENT || REGULAR.includes(change.after.mode);
  if (fits && mayWrite(role, artifact)) return change.after;
  if (takenOutBefore(role).includes(artifact)) return absent(change);
  return change.before;
}

function absent(change: Change): Entry {
  if (change.after.mode === ABSENT) return change.after;
  return { mode: ABSENT, object: "0".repeat(change.after.object.length) };
}

/** The paths a run must not touch and did, sorted. */
export function touchedProtected(
  globs: readonly string[],
  paths: readonly string[],
): readonly string[] {
  if (globs.length === 0) return [];
  // Dots match line ends too: a name with one in it is still a name below the folder.
  const isProtected = picomatch([...globs], { dot: true, flags: "s" });
  return paths.filter((path) => isProtected(path)).sort();
}
