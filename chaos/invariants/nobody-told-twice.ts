import { issueKey } from "../../src/domain/issue.js";
import { type Invariant, repeated } from "./invariant.js";

const DONE = / is done/;

/** Our comments carry the mark of what they tell on their first line. */
export const nobodyToldTwice: Invariant = {
  name: "no comment is posted twice, and each end is told (I11)",
  broken: ({ bot, comments, items }) => {
    const own = comments.filter(({ author }) => author === bot);
    const marks = own.map(({ issue, body }) => `${issue}: ${body.split("\n", 1)[0]}`);
    const told = own.filter(({ body }) => DONE.test(body)).map(({ issue }) => issue);
    const untold = items.filter(
      ({ item }) => item.status === "done" && !told.includes(issueKey(item.issue)),
    );
    return [
      ...repeated(marks).map((mark) => `posted twice on ${mark}`),
      ...untold.map(({ item }) => `nobody was told that ${item.id} is done`),
    ];
  },
};
