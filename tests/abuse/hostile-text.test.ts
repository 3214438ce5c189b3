import { describe, expect, it } from "vitest";
import { createMasker } from "../../src/agents/mask.js";
import { branchName } from "../../src/domain/ids.js";
import { readStatedVerdict } from "../../src/domain/verdict.js";
import { visibleText } from "../../src/domain/visible-text.js";
import { readableLog } from "../../src/engine/run-logs.js";
import { parseCommand } from "../../src/intake/commands.js";
import { parseByRules } from "../../src/intake/metadata/rules.js";
import { proseLines } from "../../src/intake/prose.js";
import { findReferences } from "../../src/intake/references.js";
import { inertCode, inertLine } from "../../src/notify/inert-text.js";
import { fittingComment } from "../../src/trackers/comment-length.js";
import { htmlFromMarkdown } from "../../src/trackers/markdown-html.js";
import { textOfHtml } from "../../src/webhooks/plane/html-text.js";
import { withoutCredentials } from "../../src/workspace/git.js";
import { createSecretSearch } from "../../src/workspace/secret-search.js";

const SECRET = "a-secret-of-this-test";
const SCOPE = { repo: "acme/rocket", trackerUrl: "https://git.acme.dev" };

/** What reads texts of strangers: issues, comments, titles, files and output of agents. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  "metadata by rules": (text) => parseByRules(text, { ...SCOPE, models: ["opus"] }),
  "a comment's command": (text) => parseCommand(text, SCOPE),
  prose: proseLines,
  references: (text) => findReferences(text, SCOPE),
  "visible text": visibleText,
  "a branch's name": (text) => branchName("ET-001", text),
  "a stated verdict": readStatedVerdict,
  "a log": readableLog,
  "a line for a comment": (text) => inertLine(text, 300),
  "code for a comment": (text) => inertCode(text, 300),
  "a comment that fits": fittingComment,
  "Markdown for Plane": htmlFromMarkdown,
  "Plane's HTML": textOfHtml,
  "git's messages": withoutCredentials,
  "a search for secrets": (text) => {
    const search = createSecretSearch([SECRET]);
    search.take(Buffer.from(`diff --git a/x b/x\n@@ -0,0 +1 @@\n+${text}`));
    return search.found();
  },
  "a mask": (text) => createMasker([SECRET]).maskCut(text),
};

/** Repeated as often as there is room: what readers look for, begun and never ended. */
const PIECES: readonly string[] = [
  " ",
  "\t\n",
  "a",
  "0",
  "-",
  "`",
  "~~~\n",
  "<!--",
  "<!-- -->",
  "<!<!----",
  "-->",
  "<p>",
  "<a ",
  "<b><i>",
  "[",
  "![](",
  "[a](",
  "*_",
  "> ",
  "- [ ] ",
  "1. ",
  "| ",
  "#",
  "#1",
  "acme/rocket#",
  "https://",
  "https://git.acme.dev/acme/rocket/issues/1 ",
  "Blocked by: ",
  "Blocked by #1; ",
  "blocks ",
  "1,000",
  "/approve ",
  "verdict: ",
  "verdict:*_",
  "&#",
  "\u200b",
  "e\u0301",
  "\uFFFD",
  "\uD83D\uDE00",
  "://a",
  "YS1z",
  SECRET.slice(0, -1),
];

const SMALL = 20_000;
/** Its parser goes by squares of the depth, so it is given so many characters and no more. */
const CUT: Readonly<Record<string, number>> = { "Plane's HTML": 100_000 };
const TIMES = 4;
/** Four times the text: a reader in proportion takes 4 times as long, one by squares 16 times. */
const MOST = 10;
/** Below this, in ms, the clock and the collector are what is measured; no reader may hide there. */
const BRIEF = 15;

/** Processor time in ms, since others share the machine; the shortest of several. */
function fastest(read: (text: string) => unknown, text: string): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round += 1) {
    const before = process.cpuUsage();
    read(text);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1_000);
  }
  return best;
}

/** How much longer the larger text takes; null: too brief to tell. What is slow is slow each time. */
function growth(read: (text: string) => unknown, small: string, large: string): number | null {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 3 && least > MOST; look += 1) {
    const took = fastest(read, large);
    if (took < BRIEF) return null;
    least = Math.min(least, took / fastest(read, small));
  }
  return least;
}

/** Many patterns are slow only where what follows doesn't fit. */
const ENDS = ["", "\u0001x\n"];
const ofLength = (piece: string, length: number) => piece.repeat(Math.ceil(length / piece.length));

describe("hostile text", { timeout: 120_000 }, () => {
  for (const [name, read] of Object.entries(READERS)) {
    it(`is read as ${name} in time that grows with it, and no faster`, () => {
      const length = CUT[name] ?? SMALL;
      const slow: string[] = [];
      for (const piece of PIECES) {
        for (const end of ENDS) {
          const [small, large] = [length, TIMES * length].map(
            (size) => ofLength(piece, size) + end,
          );
          const times = growth(read, small ?? "", large ?? "");
          if (times !== null && times > MOST) slow.push(`${JSON.stringify(piece)}: ${times} times`);
        }
      }
      expect(slow).toEqual([]);
    });
  }
});
