import { issueKey } from "../../src/domain/issue.js";
import type { Pipeline } from "../../src/domain/pipeline.js";
import type { HistoryEntry } from "../../src/domain/work-item.js";
import { parseCommand } from "../../src/intake/commands.js";
import type { ItemRecords } from "../../tests/support/audit.js";
import type { SeenComment, Snapshot } from "../snapshot.js";
import { type Invariant, repeated } from "./invariant.js";

const GATE = "analysis-approved";

/** The word is looked for where it was given: what an item says of itself isn't taken for it. */
export const approvedFirst: Invariant = {
  name: "what needs an approval goes on by an approver's comment on that commit, which counts once (I10)",
  broken: ({ items, pipelines, comments, approvers }) =>
    items.flatMap((records) => {
      const spoken = comments.filter(({ issue }) => issue === issueKey(records.item.issue));
      const words = spoken.filter(({ author }) => approvers.includes(author));
      return [
        ...heardTwice(records),
        ...unapproved(records, pipelines[records.item.pipeline], words),
      ].map((what) => `${records.item.id}: ${what}`);
    }),
};

function heardTwice({ history }: ItemRecords): readonly string[] {
  const causes = history.filter(({ kind }) => kind === "command").map(({ cause }) => cause);
  return repeated(causes).map((cause) => `${cause} was obeyed twice`);
}

/** Where it went on from a stage that is to be approved, since it entered that stage. */
function unapproved(
  { history }: ItemRecords,
  pipeline: Pipeline | undefined,
  words: readonly SeenComment[],
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
  words: Snapshot["comments"],
): boolean {
  if (kind !== "command" || wanted === null || commit !== wanted) return false;
  return words.some(({ id, body }) => {
    if (!cause.startsWith(`comment ${id} `)) return false;
    const said = parseCommand(body);
    return said?.kind === "approve" && wanted.startsWith(said.sha ?? "");
  });
}
