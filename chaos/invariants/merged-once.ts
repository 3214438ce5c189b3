import type { ItemRecords } from "../../tests/support/audit.js";
import type { SeenMerge, Snapshot } from "../snapshot.js";
import { type Invariant, repeated } from "./invariant.js";

/** What was merged is read from the base branches themselves. */
export const mergedOnce: Invariant = {
  name: "what the fleet is to merge is merged once, at the commit that passed, and nothing else is",
  broken: (snapshot) => [
    ...repeated(snapshot.merges.map(({ branch }) => branch)).map(
      (branch) => `${branch} was merged several times`,
    ),
    ...snapshot.merges.flatMap((merge) => mergedWrongly(merge, snapshot)),
    ...snapshot.items.flatMap((records) => unmerged(records, snapshot)),
  ],
};

/** An item that was withdrawn meanwhile may have been merged before that was heard. */
function mergedWrongly(
  { branch, commit }: SeenMerge,
  { items, merging, pipelines }: Snapshot,
): readonly string[] {
  const records = items.find(({ item }) => item.branch === branch);
  if (records === undefined) return [`${branch} was merged, which is no item's`];
  const { item, history } = records;
  if (!merging.includes(item.project)) return [`${item.id} was merged, and wasn't to be`];
  const last = pipelines[item.pipeline]?.steps.at(-1)?.gate;
  const passed = history.some(
    (entry) =>
      entry.kind === "verdict" && entry.gate === last && entry.passed && entry.commit === commit,
  );
  return passed ? [] : [`${item.id} was merged at ${commit}, which hadn't passed`];
}

function unmerged(
  { item }: ItemRecords,
  { merging, merges, pullRequests }: Snapshot,
): readonly string[] {
  if (item.status !== "done" || !merging.includes(item.project)) return [];
  const isMerged = merges.some(
    ({ branch, commit }) => branch === item.branch && commit === item.head,
  );
  const isShown = pullRequests.some(({ head, merged }) => head === item.branch && merged);
  return [
    ...(isMerged ? [] : [`${item.id} is done, and ${item.head} isn't merged`]),
    ...(isShown ? [] : [`${item.id} is done, and no pull request of it says that it is merged`]),
  ];
}
