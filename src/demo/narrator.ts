import { giteaIssueKey, type IssueKey, issueKey } from "../domain/issue.js";
import type { Transition } from "../domain/transition.js";
import type { WorkItem } from "../domain/work-item.js";
import type { Happening, Tell } from "./happening.js";
import { isSentBack, statusOf, tellEntry } from "./telling.js";

/** What became of one item, for the table at the end. */
export interface Story {
  readonly item: WorkItem;
  readonly sentBack: number;
  /** The issues it had to wait for, as people write them. */
  readonly waitedFor: readonly string[];
}

export interface Narrator {
  /** Tells what a person would want to know of a transition. */
  hear(transition: Transition): void;
  /** Id and stage of the first item that fits, both null if none is known yet. */
  whereabouts(fits: (item: WorkItem) => boolean): Pick<Happening, "item" | "stage">;
  /** By id. */
  stories(): readonly Story[];
}

interface Known {
  item: WorkItem;
  said: string;
  sentBack: number;
  readonly waitedFor: ReadonlyMap<IssueKey, string>;
  readonly unmet: Set<IssueKey>;
}

export function createNarrator(tell: Tell): Narrator {
  const cast = new Map<string, Known>();

  const meet = (item: WorkItem): Known => {
    const known = cast.get(item.id);
    if (known !== undefined) return known;
    const done = new Set([...cast.values()].filter(isDone).map((one) => issueKey(one.item.issue)));
    const waitedFor = new Map([...blockersOf(item)].filter(([key]) => !done.has(key)));
    const met = { item, said: "", sentBack: 0, waitedFor, unmet: new Set(waitedFor.keys()) };
    cast.set(item.id, met);
    return met;
  };

  const tellWaiting = ({ item, waitedFor }: Known) => {
    const named = [...waitedFor].map(([key, name]) => {
      const blocker = [...cast.values()].find((one) => issueKey(one.item.issue) === key);
      return blocker === undefined ? name : `${name} (${blocker.item.id})`;
    });
    if (named.length === 0) return;
    tell({
      event: "stage",
      mark: "waits",
      item: item.id,
      stage: item.stage,
      text: `waits for ${named.join(", ")}`,
      facts: { waiting_on: [...waitedFor.values()] },
    });
  };

  const releaseDependentsOf = (blocker: WorkItem) => {
    for (const { item, unmet, waitedFor } of cast.values()) {
      if (!unmet.delete(issueKey(blocker.issue)) || unmet.size > 0) continue;
      const text = `goes on: ${[...waitedFor.values()].join(", ")} is done`;
      tell({ event: "stage", item: item.id, stage: item.stage, text, facts: { waiting_on: [] } });
    }
  };

  return {
    hear({ item, history }) {
      const known = meet(item);
      known.item = item;
      for (const entry of history) {
        tellEntry(item, entry, tell);
        if (entry.kind === "started") tellWaiting(known);
        if (isSentBack(entry)) known.sentBack++;
        if (entry.to === "done") releaseDependentsOf(item);
      }
      tellStatus(known, tell);
    },
    whereabouts(fits) {
      const found = [...cast.values()].find((one) => fits(one.item))?.item;
      return { item: found?.id ?? null, stage: found?.stage ?? null };
    },
    stories: () =>
      [...cast.values()]
        .map(({ item, sentBack, waitedFor }) => ({
          item,
          sentBack,
          waitedFor: [...waitedFor.values()],
        }))
        .sort((a, b) => a.item.id.localeCompare(b.item.id)),
  };
}

/** The blockers an item's text names, by key. */
function blockersOf({ issue, metadata }: WorkItem): Map<IssueKey, string> {
  if (issue.tracker !== "gitea") return new Map();
  return new Map(
    metadata.blockedBy.map((reference) => {
      const name = typeof reference === "number" ? `#${reference}` : reference;
      const [repo, number] = typeof reference === "number" ? [] : reference.split("#");
      return [giteaIssueKey(repo ?? issue.repo, Number(number ?? reference)), name];
    }),
  );
}

function isDone({ item }: Known): boolean {
  return item.status === "done";
}

/** Only what changed since it was last said. */
function tellStatus(known: Known, tell: Tell): void {
  const { item } = known;
  const now = statusOf(item);
  const said = `${item.version} ${now?.text}`;
  if (now === null || known.said === said) return;
  known.said = said;
  tell({ item: item.id, stage: item.stage, ...now });
}
