import { issueKey } from "../../src/domain/issue.js";
import type { ItemRecords } from "../../tests/support/audit.js";
import type { HeardEnding } from "../snapshot.js";
import type { Invariant } from "./invariant.js";

/**
 * A start and a move are written only if nobody changed the item since it was read, so nothing that was
 * under way then comes later. All times are of one machine's clock.
 */
export const endsAreHeeded: Invariant = {
  name: "once an issue's end was heard no run of its item starts, and it isn't done any more (I9)",
  broken: ({ endings, items }) =>
    endings.flatMap((ending) =>
      items.filter((records) => wasThere(records, ending)).flatMap((one) => unheeded(one, ending)),
    ),
};

/** What follows from an end where there is nothing to end. */
const NO_ITEM = ["the issue had no item", "no item is under way"];
/** The fleet may move an issue on Plane's board as it is being withdrawn there. */
const OPEN_AGAIN = "the issue is open again";

/**
 * A worker that stands still while it starts an item may do so after the end was heard: its lock on the
 * issue is over by then, and the reconciler hears of the end once more. But what ran was there.
 */
function wasThere({ item, runs }: ItemRecords, ending: HeardEnding): boolean {
  const { issue, takenAt, heardAt, followed } = ending;
  if (issueKey(item.issue) !== issue || Date.parse(item.createdAt) > heardAt) return false;
  if (item.issue.tracker === "plane" && followed === OPEN_AGAIN) return false;
  return (
    !NO_ITEM.includes(followed) || runs.some(({ startedAt }) => Date.parse(startedAt) < takenAt)
  );
}

function unheeded({ item, runs, history }: ItemRecords, ending: HeardEnding): readonly string[] {
  const { issue, heardAt, followed } = ending;
  const isAfter = (at: string) => Date.parse(at) > heardAt;
  const heard = `the end of ${issue} was heard at ${new Date(heardAt).toISOString()} (${followed})`;
  const started = runs.filter(({ startedAt }) => isAfter(startedAt));
  const done = history.filter(({ to, at }) => to === "done" && isAfter(at));
  return [
    ...started.map(({ id, startedAt }) => `${id} began at ${startedAt}, and ${heard}`),
    ...done.map(({ at }) => `${item.id} went to done at ${at}, and ${heard}`),
  ];
}
