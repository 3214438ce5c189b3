import { APPROVER, STRANGER } from "../world/projects.js";

/**
 * How an approver takes the requests of one item, and agrees in the end. names: the commit · repeats:
 * says it twice · follows: somebody who may not was faster · rejects: what comes first · is late:
 * rejects too, and agrees to what was rejected when there is something new
 */
export const MANNERS = ["agrees", "names", "repeats", "follows", "rejects", "is late"] as const;
export type Manner = (typeof MANNERS)[number];

/** What is said on an issue, and by whom. */
export interface Saying {
  readonly author: string;
  readonly text: string;
}

const AGREED: Saying = { author: APPROVER, text: ":approved:" };
const REJECTED: Saying = { author: APPROVER, text: "/reject It says nothing of the notes." };
const ABBREVIATED = 12;

/** @param asked commits that they were asked to approve, one for each answer, this one's last */
export function answersTo(manner: Manner, asked: readonly string[]): readonly Saying[] {
  const [first = "", second] = asked;
  const commit = asked.at(-1) ?? first;
  switch (manner) {
    case "agrees":
      return [AGREED];
    case "names":
      return [approving(commit.slice(0, ABBREVIATED))];
    case "repeats":
      return [AGREED, approving(commit)];
    case "follows":
      return [{ ...AGREED, author: STRANGER }, AGREED];
    case "rejects":
      return second === undefined ? [REJECTED] : [AGREED];
    case "is late":
      if (second === undefined) return [REJECTED];
      return asked.length === 2 ? [approving(first)] : [AGREED];
  }
}

function approving(commit: string): Saying {
  return { author: APPROVER, text: `/approve ${commit}` };
}
