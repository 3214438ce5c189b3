import { issueKey } from "../../src/domain/issue.js";
import type { RunRecord } from "../../src/domain/run.js";
import { STARTS_WITHOUT_ENDING } from "../../src/domain/run-life.js";
import type { Invariant } from "./invariant.js";

/**
 * A failure stops its item for a person and spends a developer run. What is wrong around an agent (a remote
 * that is away, a full disk, a lock that was lost, a killed worker) costs time alone.
 */
export const failedByTheirAgents: Invariant = {
  name: "a run failed only where its agent did",
  broken: ({ items, issues }) => {
    const words = new Map(issues.map((issue) => [issue.key, issue.words]));
    return items.flatMap(({ item, runs }) => {
      const own = words.get(issueKey(item.issue)) ?? [];
      return runs
        .map((run) => ({ ...run, word: wordOf(run, own) }))
        .filter((run) => run.ending === "failed" && !isItsOwn(run))
        .map(({ id, word, reason }) => `${id} was to be ${word}, and failed: ${reason}`);
    });
  },
};

/** As the agent itself counts them; past their end all is well. */
function wordOf({ version, attempt }: RunRecord, words: readonly string[]): string {
  return words[version + attempt - 2] ?? "ok";
}

const LOST = `${STARTS_WITHOUT_ENDING} starts came to no end`;
const TOLD_TO = /^exit code 1\b/;
/** A shell that can't write what it is to ends with a code of its own, as any agent might. */
const NO_ROOM = /^exit code \d+: .*(No space left on device|I\/O error)$/;

/**
 * What docs/state-machine.md has fail beside what the agent was told to: a branch that its blockers'
 * conflict keeps from being made, and the sixth start after five whose workers died. Protected paths,
 * secrets and large files aren't played.
 */
function isItsOwn({ word, reason, conflicts }: RunRecord & { readonly word: string }): boolean {
  if (word === "fail" && TOLD_TO.test(reason)) return true;
  return conflicts === true || reason.startsWith(LOST) || NO_ROOM.test(reason);
}
