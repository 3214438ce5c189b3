import { type IssueKey, issueKey } from "../../src/domain/issue.js";
import type { Pipeline } from "../../src/domain/pipeline.js";
import type { HistoryEntry } from "../../src/domain/work-item.js";
import { parseCommand } from "../../src/intake/commands.js";
import type { ItemRecords } from "../../tests/support/audit.js";
import type { Snapshot } from "../snapshot.js";
import { requestedIn } from "../world/comments.js";
import { type Invariant, repeated } from "./invariant.js";

const GATE = "analysis-approved";

/** The word is looked for where it was given: what an item says of itself isn't taken for it. */
export const approvedFirst: Invariant = {
  name: "what needs an approval goes on by an approver's comment on that commit, which counts once (I10)",
  broken: (snapshot) =>
    snapshot.items.flatMap((records) => {
      const words = approvalsOn(issueKey(records.item.issue), snapshot);
      return [
        ...heardTwice(records),
        ...unapproved(records, snapshot.pipelines[records.item.pipeline], words),
      ].map((what) => `${records.item.id}: ${what}`);
    }),
};

/** An approver's word in the tracker. */
interface Word {
  readonly comment: string;
  /** The one that was named, perhaps shortened, or those that had been asked for: a request may come late. */
  readonly commits: readonly string[];
}

function approvalsOn(issue: IssueKey, { comments, approvers, bot }: Snapshot): readonly Word[] {
  const words: Word[] = [];
  const asked: string[] = [];
  for (const { id, author, body } of comments.filter((one) => one.issue === issue)) {
    const request = author === bot ? requestedIn(body) : null;
    if (request !== null) asked.push(request);
    const said = approvers.includes(author) ? parseCommand(body) : null;
    if (said?.kind === "approve")
      words.push({ comment: id, commits: said.sha === null ? [...asked] : [said.sha] });
  }
  return words;
}

function heardTwice({ history }: ItemRecords): readonly string[] {
  const causes = history.filter(({ kind }) => kind === "command").map(({ cause }) => cause);
  return repeated(causes).map((cause) => `${cause} was obeyed twice`);
}

/** Where it went on from a stage that is to be approved, since it entered that stage. */
function unapproved(
  { history }: ItemRecords,
  pipeline: Pipeline | undefined,
  words: readonly Word[],
): readonly string[] {
  const stages = pipeline?.steps.filter(({ gate }) => gate === GATE).map(({ stage }) => stage);
  const found: string[] = [];
  let since: HistoryEntry[] = [];
  for (const entry of history) {
    if (entry.kind !== "transition") {
      since.push(entry);
      continue;
    }
    const { from, to, commit } = entry;
    const asks = stages?.some((stage) => stage === from && stage !== to);
    if (asks && !since.some((one) => isWordFor(one, commit, words))) {
      found.push(`it went on to ${to} with ${commit}, which nobody approved`);
    }
    since = [];
  }
  return found;
}

function isWordFor(
  { kind, cause, commit }: HistoryEntry,
  wanted: string | null,
  words: readonly Word[],
): boolean {
  if (kind !== "command" || wanted === null || commit !== wanted) return false;
  return words.some(({ comment, commits }) => {
    const isIt = cause.startsWith(`comment ${comment} `);
    return isIt && commits.some((one) => wanted.startsWith(one));
  });
}
