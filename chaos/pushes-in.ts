import { fenceRef } from "../src/workspace/fence.js";
import type { GitRemote } from "../tests/support/git-remote.js";
import type { SeenCommit, SeenFenceMove } from "./snapshot.js";

type Repository = Pick<GitRemote, "git">;

/** From now on the repository itself keeps where each of its refs was, whatever who pushes says of it. */
export async function rememberPushes(remote: Repository): Promise<void> {
  await remote.git("config", "core.logAllRefUpdates", "always");
}

const FENCES = fenceRef("");
const MOVED = /^fence (taken|pushed)\n+Token: (\S+)/;

/** How the fences of its items moved, first to last, by item. */
export async function fencesIn(
  remote: Repository,
): Promise<Readonly<Record<string, readonly SeenFenceMove[]>>> {
  const newestFirst = await remote.git("log", "-g", "--all", "-z", "--format=%gD %B");
  const found: Record<string, SeenFenceMove[]> = {};
  for (const entry of entriesOf(newestFirst).reverse()) {
    const [place = ""] = entry.split(" ", 1);
    const [, event, run = ""] = MOVED.exec(entry.slice(place.length + 1)) ?? [];
    if (!place.startsWith(FENCES) || event === undefined) continue;
    const item = place.slice(FENCES.length).replace(/@\{\d+\}$/, "");
    const moves = found[item] ?? [];
    moves.push({ run, event: event === "taken" ? "taken" : "pushed" });
    found[item] = moves;
  }
  return found;
}

/** As a run words the commit that it pushes. */
const WORK = /^\S+: \w+, run (\S+)$/;

/** Those of each branch, first to last: of what was merged into it, the merge alone. */
export async function commitsIn(
  remote: Repository,
): Promise<Readonly<Record<string, readonly SeenCommit[]>>> {
  const heads = await remote.git(
    "for-each-ref",
    "--format=%(refname:short) %(objectname)",
    "refs/heads",
  );
  const commits = await remote.git("log", "--branches", "-z", "--format=%H %P%n%s");
  const known = new Map(
    entriesOf(commits).map((entry) => {
      const [ids = "", subject = ""] = entry.split("\n");
      const [commit = "", before = ""] = ids.split(" ");
      return [commit, { commit, before, run: WORK.exec(subject)?.[1] ?? null }];
    }),
  );
  const lineTo = (head: string) => {
    const line: SeenCommit[] = [];
    for (let at = known.get(head); at !== undefined; at = known.get(at.before)) {
      line.unshift({ commit: at.commit, run: at.run });
    }
    return line;
  };
  const refs = heads.split("\n").filter(Boolean);
  return Object.fromEntries(
    refs.map((ref) => {
      const [name = "", head = ""] = ref.split(" ");
      return [name, lineTo(head)];
    }),
  );
}

/** Of what git lists with `-z`. */
function entriesOf(listed: string): string[] {
  return listed.split("\0").filter((entry) => entry !== "");
}
