import { describe, expect, it } from "vitest";
import {
  MOST_EDGES,
  type ParsedMetadata,
  withDefaults,
} from "../../../../src/intake/metadata/parser.js";
import { parseByRules, rulesParser } from "../../../../src/intake/metadata/rules.js";

const context = { models: ["haiku", "sonnet", "Opus-4.5"], repo: "acme/rocket", issue: 161 };
const parse = (text: string) => parseByRules(text, context);

const EXAMPLE = `## Objective
Coordinate all components (see COORD-003).

## Context Estimate
• Files to modify: 5 (10000 tokens)
• Implementation complexity: medium (20000 tokens)
• Test requirements: high (12000 tokens)
• **Total estimated: 46800 tokens**
• **Recommended agent: sonnet**

## Difficulty
medium

## Dependencies
• Blocked by: #160 (COORD-004 - needs all components working)
• Blocks: None (validates Phase 0 complete)
`;

describe("the rules", () => {
  it("read an issue as people write it, with decoys around", () => {
    expect(parse(EXAMPLE)).toEqual({
      estimatedContext: 46_800,
      assignedAgent: "sonnet",
      difficulty: "medium",
      blockedBy: [160],
      blocks: [],
    });
  });

  it("read the same with Windows line ends", async () => {
    const parsed = await rulesParser().parse(EXAMPLE.replaceAll("\n", "\r\n"), context);
    expect(parsed).toEqual(parse(EXAMPLE));
  });

  it.each([
    "This is not a valid issue format",
    "",
    "\n\n",
    "🚀",
    "{}",
    "## \n- \n* \n1. \n> \n```",
  ])("find nothing in %j, so that the defaults stand", (text) => {
    expect(parse(text)).toEqual({});
    expect(withDefaults(parse(text))).toEqual({
      estimatedContext: 50_000,
      difficulty: "medium",
      assignedAgent: "sonnet",
      blocks: [],
      blockedBy: [],
    });
  });
});

describe("the estimate", () => {
  it.each<[string, number]>([
    ["Total estimated: 46800 tokens", 46_800],
    ["- **Total estimated:** 46,800 tokens", 46_800],
    ["* Total estimated: 46 800 tokens", 46_800],
    ["* Total estimated: 46\u00a0800 tokens", 46_800],
    ["1. Total estimated: 46.800", 46_800],
    ["2) *Total estimated*: 46_800", 46_800],
    ["Total estimated: 46.8k", 46_800],
    ["Total estimated: ~46.8k tokens", 46_800],
    ["__Total estimated__: about 46800 tokens.", 46_800],
    ["Total Estimated = 46800", 46_800],
    ["`Total estimated`: `46800` tokens", 46_800],
    ["estimated_context: 46800", 46_800],
    ["- Estimated context (tokens): 46800", 46_800],
    ["Estimate: 46800 tokens (rough, maybe 90000)", 46_800],
    ["## Estimated tokens\n\n46800", 46_800],
    ["Estimated tokens\n----------------\n46800", 46_800],
    ["| Total estimated | 46800 tokens |", 46_800],
    ["<b>Total estimated:</b> 46800 tokens", 46_800],
    ["Total: 1.2M tokens", 1_200_000],
    ["Total estimated: 1,250,000 tokens", 1_250_000],
    ["Estimated context: 20000 tokens\nTotal estimated: 46800 tokens", 46_800],
    ["Total estimated: 46800 tokens\nTotal estimated: 99 tokens", 46_800],
  ])("in %j is %d", (text, tokens) => {
    expect(parse(text).estimatedContext).toBe(tokens);
  });

  it.each([
    "Total estimated: medium (20000 tokens)",
    "Total estimated: 3 days",
    "Estimated: 12 hours",
    "Estimate: 5",
    "Total: 5 files",
    "Total estimated: 0 tokens",
    "Total estimated: -5 tokens",
    "Total estimated: 100000001 tokens",
    "Total estimated: 99999999999999999999 tokens",
    "Total estimated: $46800",
    "Implementation complexity: 20000 tokens",
    "We estimated the total: 46800 tokens",
    "~~Total estimated: 46800 tokens~~",
  ])("isn't found in %j", (text) => {
    expect(parse(text)).not.toHaveProperty("estimatedContext");
  });
});

describe("the difficulty", () => {
  it.each<[string, ParsedMetadata["difficulty"]]>([
    ["## Difficulty\nhard", "hard"],
    ["## Difficulty\n\n**Hard** (many parts)", "hard"],
    ["## 3. Difficulty:\n- easy", "easy"],
    ["## 🎯 Difficulty: EASY", "easy"],
    ["Difficulty: `medium`", "medium"],
    ["Difficulty - hard", "hard"],
    ["difficulty: hard - many moving parts", "hard"],
    ["## Difficulty\nmedium\n---\nText", "medium"],
    ["## Difficulty\n- [ ] easy\n- [x] hard\n- [ ] medium", "hard"],
    ["Difficulty: easy\nDifficulty: hard", "easy"],
  ])("in %j is %s", (text, difficulty) => {
    expect(parse(text).difficulty).toBe(difficulty);
  });

  it.each([
    "Difficulty: extreme",
    "Difficulty: not easy",
    "Difficulty: hardly any",
    "Implementation complexity: hard",
    "## Difficulty\n\nNobody knows.\n\nhard",
    "## Difficulty\n## Notes\nhard",
  ])("isn't found in %j", (text) => {
    expect(parse(text)).not.toHaveProperty("difficulty");
  });
});

describe("the agent", () => {
  it.each<[string, string]>([
    ["Recommended agent: haiku", "haiku"],
    ["- **Recommended agent: Haiku**", "haiku"],
    ["Recommended agent: `haiku` (cheap)", "haiku"],
    ["Assigned agent: opus-4.5.", "Opus-4.5"],
    ["## Recommended agent\nhaiku, since it is small", "haiku"],
    ["Recommended agent: gpt\nAgent: haiku", "haiku"],
  ])("in %j is %s", (text, agent) => {
    expect(parse(text).assignedAgent).toBe(agent);
  });

  it.each(["Recommended agent: gpt-9", "Recommended agent:", "Agent: haikus", "haiku"])(
    "isn't found in %j",
    (text) => {
      expect(parse(text)).not.toHaveProperty("assignedAgent");
    },
  );

  it("is never a name every object has", () => {
    expect(parse("Recommended agent: constructor")).toEqual({});
  });
});

describe("edges", () => {
  it.each<[string, readonly (number | string)[]]>([
    ["Blocked by: #160", [160]],
    ["Blocked by #160", [160]],
    ["Depends on #160 and #162.", [160, 162]],
    ["**Blocked by:** #160, #162 and acme/other#7", [160, 162, "acme/other#7"]],
    ["Blocked by: #160 #162 / #163 & #164", [160, 162, 163, 164]],
    ["Blocked by: #160 (COORD-004 - needs #99)", [160]],
    ["Blocked by: #160 (a (nested #98) #99), #162", [160, 162]],
    ["Blocked by: #160 - COORD-004, #162 - COORD-005", [160, 162]],
    ["Blocked by: COORD-004 #160", [160]],
    ["Blocked by: #160 needs all of #99", [160]],
    ["Blocked by: #160, see #99", [160]],
    ["Blocked by: #160, #160, acme/rocket#160, ACME/Rocket#160", [160]],
    ["Blocked by: Acme/Other#7, acme/other#7", ["Acme/Other#7"]],
    ["Blocked by: #161, #162", [162]],
    ["Blocked by: https://git.example/acme/rocket/issues/160", [160]],
    ["Blocked by: <https://git.example/acme/other/issues/7>", ["acme/other#7"]],
    ["Blocked by: https://git.example/git/acme/rocket/issues/160#issuecomment-9.", [160]],
    ["Blocked by: [#160](https://git.example/acme/rocket/issues/160)", [160]],
    ["Blocked by: [the queue](https://git.example/acme/other/issues/7)", ["acme/other#7"]],
    [
      "## Blocked by\n- #160\n- [ ] #162 needs all of #99\n\n1. acme/other#7",
      [160, 162, "acme/other#7"],
    ],
    ["## Blocked by\n#160, #162\n\nThis came up in #99.", [160, 162]],
    ["**Blocked by:**\n\n- #160\n- COORD-005: #162\n\nText.\n- #99", [160, 162]],
    ["- Blocked by:\n  - #160\n    - #162\n- Something about #99", [160, 162]],
    ["## Blocked by\n- #160\n- Related: #99\n\n## Notes\n- #98", [160]],
    ["## Dependencies\n- #160", [160]],
    ["Blocked by: #160; Blocks: #162", [160]],
    ["- Blocked by: #160\n- Blocked by: #162", [160, 162]],
    ["Blocked by: none\nBlocked by: #160", [160]],
    ["Blo\u200Bcked by: #160", [160]],
    ["Blocked by: <!-- #99 --> #160", [160]],
    ["Blocked by: my-org/my_repo.js#3", ["my-org/my_repo.js#3"]],
  ])("that block it, in %j, are %j", (text, edges) => {
    expect(parse(text).blockedBy).toEqual(edges);
  });

  it.each([
    "None",
    "none (validates Phase 0 complete)",
    "**None**",
    "N/A",
    "n/a.",
    "-",
    "—",
    "nothing",
    "Nothing yet",
    "no",
    "No dependencies",
    "None, #160 is done",
  ])("stated as %j are none", (value) => {
    expect(parse(`Blocks: ${value}\n\n## Blocked by\n${value}`)).toEqual({
      blocks: [],
      blockedBy: [],
    });
  });

  it.each([
    "Blocked by: 160",
    "Blocked by: COORD-004",
    "Blocked by: PR 160",
    "Blocked by: issue 160",
    "Blocked by: &#160;",
    "Blocked by: #0",
    "Blocked by: #160abc",
    "Blocked by: #12345678901",
    "Blocked by: a/b/c#160",
    "Blocked by: #not-a-number",
    "Blocked by: https://git.example/acme/rocket/pulls/160",
    "Blocked by: https://git.example/acme/rocket/issues",
    "Blocked by: (#160)",
    "Not blocked by: #160",
    "It is not blocked by #160",
    "Related: #160",
    "#160",
    "Fixes #160",
    "> Blocked by: #160",
    "```\nBlocked by: #160\n```",
    "~~~yaml\nBlocked by: #160\n```\nBlocked by: #161\n~~~",
    "```\nBlocked by: #160",
    "Intro:\n\n    Blocked by: #160\n    Blocked by: #162",
    "<!-- Blocked by: #160 -->",
    "<!--\nBlocked by: #160\n\nBlocked by: #162\n-->",
    "<!-- template\nBlocked by: #160",
    "~~Blocked by: #160~~",
  ])("aren't found in %j", (text) => {
    expect(parse(text)).toEqual({});
  });

  it("in both directions are told apart on one line", () => {
    expect(parse("Blocked by: #160, #163; Blocks: #162, #164")).toEqual({
      blockedBy: [160, 163],
      blocks: [162, 164],
    });
  });

  it("are still found after code, quotes and comments", () => {
    const text = "```\nx\n```\n> y\n<!-- z\n-->\n`<!--` is text\nBlocked by: #160";
    expect(parse(text)).toEqual({ blockedBy: [160] });
  });

  it("stop at a limit", () => {
    const text = `Blocked by: ${Array.from({ length: 500 }, (_, n) => `#${n + 1000}`).join(", ")}`;
    expect(parse(text).blockedBy).toHaveLength(MOST_EDGES);
  });

  it("count links of the own tracker only, when its address is known", () => {
    const known = { ...context, trackerUrl: "https://git.example/sub/" };
    const text =
      "Blocked by: https://git.example/sub/acme/rocket/issues/160, https://elsewhere.example/acme/rocket/issues/162, https://git.example/acme/rocket/issues/163";
    expect(parseByRules(text, known).blockedBy).toEqual([160]);
  });
});

describe("hostile text of 200 KB", () => {
  const SIZE = 200_000;
  const hostile: [string, string][] = [
    ["brackets", "[".repeat(SIZE)],
    ["links", "[a](".repeat(SIZE / 4)],
    ["long link targets", `[](${"a".repeat(1299)}`.repeat(SIZE / 1300)],
    ["parentheses", "(".repeat(SIZE)],
    ["spaces", `Blocked by:${" ".repeat(SIZE)}x`],
    ["tabs before text", `${"\t".repeat(SIZE)}x`],
    ["underscores", `a${"_".repeat(SIZE)}b`],
    ["asterisks", `${"*".repeat(SIZE)}b`],
    ["tildes", "~~a".repeat(SIZE / 3)],
    ["backticks", `${"`".repeat(SIZE)}b`],
    ["open comments", "a<!--".repeat(SIZE / 5)],
    ["closed comments", "<!---->".repeat(SIZE / 7)],
    ["tags", "<a ".repeat(SIZE / 3)],
    ["slashes", `Blocked by: ${"a/".repeat(SIZE / 2)}#1x`],
    ["one long word", `Blocked by: ${"a".repeat(SIZE)}#1x`],
    ["dots", `Blocked by: ${"a.".repeat(SIZE / 2)}/b#1x`],
    ["hashes", `Blocked by: ${"#".repeat(SIZE)}`],
    ["references", `Related: ${"#1 ".repeat(SIZE / 3)}`],
    ["links to issues", `Related: ${"https://a/b/c/issues/1x ".repeat(SIZE / 24)}`],
    ["one long address", `Related: https://${"a/issues/".repeat(SIZE / 9)}`],
    ["digits", `Total estimated: ${"1,".repeat(SIZE / 2)}`],
    ["pipes", `| difficulty ${"| ".repeat(SIZE / 2)}x`],
    ["labels", "Blocked by:;".repeat(SIZE / 12)],
    ["dashes", `Related${" -".repeat(SIZE / 2)}`],
    ["lines", "-\n".repeat(SIZE / 2)],
    ["quotes", ">".repeat(SIZE)],
    ["numbered", "1. ".repeat(SIZE / 3)],
  ];

  it.each(hostile)("of %s leaves what stands after it readable", (_, text) => {
    const parsed = parse(`${text}\n\n# Notes\n\nTotal estimated: 46800 tokens\nBlocked by #160`);
    const readable = text.startsWith("`") ? {} : { estimatedContext: 46_800 };
    expect(parsed).toMatchObject(readable);
  });
});
