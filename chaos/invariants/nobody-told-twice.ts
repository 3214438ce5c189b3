import { issueKey } from "../../src/domain/issue.js";
import type { RunRecord } from "../../src/domain/run.js";
import type { WorkItem } from "../../src/domain/work-item.js";
import { startsWithMarker, statusMarker } from "../../src/trackers/marker.js";
import type { SeenComment, Snapshot } from "../snapshot.js";
import { type Invariant, repeated } from "./invariant.js";

/** Our comments carry the mark of what they tell on their first line. */
export const nobodyToldTwice: Invariant = {
  name: "no comment is posted twice, and each end is told (I11)",
  broken: (snapshot) => {
    const own = snapshot.comments.filter(({ author }) => author === snapshot.bot);
    const marks = own.map(({ issue, body }) => `${issue}: ${body.split("\n", 1)[0]}`);
    return [
      ...repeated(marks).map((mark) => `posted twice on ${mark}`),
      ...snapshot.items.flatMap(({ item, runs }) => [
        ...doneWrongly(item, on(own, item)),
        ...(item.issue.tracker === "plane"
          ? boardWrongly(item, snapshot)
          : statusWrongly(item, on(own, item))),
        ...runs.flatMap((run) => failureWrongly(item, run, on(own, item))),
      ]),
    ];
  },
};

function on(comments: Snapshot["comments"], item: WorkItem): readonly SeenComment[] {
  const key = issueKey(item.issue);
  return comments.filter(({ issue }) => issue === key);
}

/** Said in a comment of its own, once in an item's life, whatever effect says it. */
function doneWrongly({ id, status }: WorkItem, comments: readonly SeenComment[]): string[] {
  const told = comments.filter(({ body }) => secondLine(body).startsWith(`**${id} is done.**`));
  if (told.length > 1) return [`${told.length} comments say that ${id} is done`];
  if (told.length === 1 && status !== "done") return [`${id} is ${status}, and is said to be done`];
  return told.length === 0 && status === "done" ? [`nobody was told that ${id} is done`] : [];
}

const ENDS: Readonly<Record<string, string>> = { done: "**Done**", cancelled: "**Cancelled**" };

/** A cancellation has no comment of its own; the status comment says it, as it says every end. */
function statusWrongly({ id, status }: WorkItem, comments: readonly SeenComment[]): string[] {
  const word = ENDS[status];
  const shown = comments.find(({ body }) => startsWithMarker(body, statusMarker(id)));
  if (word === undefined || shown?.body.includes(word)) return [];
  return [
    `the status comment of ${id}, which is ${status}, ${shown ? "doesn't say so" : "is missing"}`,
  ];
}

/** Plane's board says it instead. A person who withdrew the issue may have moved it since. */
function boardWrongly({ id, issue, status }: WorkItem, { board, issues }: Snapshot): string[] {
  const key = issueKey(issue);
  const withdrawn = issues.some((one) => one.key === key && one.ends.includes("cancelled"));
  if (status !== "done" || withdrawn || board[key] === "Done") return [];
  return [`${id} is done, and the board shows ${board[key]}`];
}

/** A run that failed stops its item, which a person must hear of. */
function failureWrongly(
  item: WorkItem,
  { id, role, ending }: RunRecord,
  comments: readonly SeenComment[],
): string[] {
  if (ending !== "failed") return [];
  // The id of the effect that says it names the run whose end it was.
  const words = `**The ${role} of ${item.id} failed: `;
  const told = comments.filter(({ body }) => {
    const [mark = "", said = ""] = body.split("\n");
    return mark.includes(`-end-${id}-`) && said.startsWith(words);
  });
  return told.length === 1 ? [] : [`${told.length} comments say that ${id} failed`];
}

function secondLine(body: string): string {
  return body.split("\n")[1] ?? "";
}
