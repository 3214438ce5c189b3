import { describe, expect, it } from "vitest";
import { readStatedVerdict } from "../../../src/domain/verdict.js";

const stated = (word: string) => ({ kind: "stated", word });

describe("a stated verdict", () => {
  it.each([
    ["a line of its own", "# Review\n\nverdict: APPROVED\n"],
    ["lower case", "verdict: approved"],
    ["upper case label", "VERDICT: Approved"],
    ["bold", "**Verdict:** APPROVED"],
    ["bold around both", "**Verdict: APPROVED**"],
    ["a heading", "## Verdict: APPROVED"],
    ["a list item", "- verdict: APPROVED."],
    ["backticks", "Verdict: `APPROVED`"],
    ["quotes", 'verdict: "APPROVED"'],
    ["Windows line ends", "# Review\r\n\r\nverdict: APPROVED\r\n"],
    ["front matter", "---\nround: 2\nverdict: APPROVED\n---\n\nFine work."],
    [
      "front matter with a byte order mark and Windows line ends",
      "\uFEFF---\r\nverdict: approved\r\n---\r\n",
    ],
    ["the same word twice", "verdict: APPROVED\n\ntext\n\nVerdict: approved"],
  ])("is read from %s", (_, text) => {
    expect(readStatedVerdict(text)).toEqual(stated("APPROVED"));
  });

  it.each(["REQUEST_CHANGES", "request-changes", "Request changes"])(
    "takes %s as one word",
    (written) => {
      expect(readStatedVerdict(`verdict: ${written}`)).toEqual(stated("REQUEST_CHANGES"));
    },
  );

  it("lets front matter win over the body", () => {
    const text = "---\nverdict: REQUEST_CHANGES\n---\nverdict: APPROVED";
    expect(readStatedVerdict(text)).toEqual(stated("REQUEST_CHANGES"));
  });

  it("reads the body when front matter says nothing of it", () => {
    expect(readStatedVerdict("---\nround: 1\n---\nverdict: PASS")).toEqual(stated("PASS"));
  });

  it.each([
    ["fenced code", "```\nverdict: APPROVED\n```"],
    ["a fence inside a longer fence", "````md\n```\nverdict: APPROVED\n```\n````"],
    ["a fence of the other kind", "~~~\n```\nverdict: APPROVED\n~~~"],
    ["a quote", "> verdict: APPROVED"],
    ["an HTML comment", "<!--\nverdict: APPROVED\n-->"],
    ["a sentence", "My verdict: APPROVED once the tests pass"],
    ["a condition", "verdict: APPROVED if the tests pass"],
    ["a template's choice", "verdict: APPROVED | REQUEST_CHANGES"],
    ["nothing at all", ""],
  ])("isn't read from %s", (_, text) => {
    expect(readStatedVerdict(text)).toMatchObject({ kind: "unreadable" });
  });

  it("goes on reading after a quote, a fence and a comment", () => {
    const text =
      "> verdict: REQUEST_CHANGES\n```\nverdict: FAIL\n```\n<!-- a\nb -->\nverdict: APPROVED";
    expect(readStatedVerdict(text)).toEqual(stated("APPROVED"));
  });

  it("doesn't choose between verdicts that disagree", () => {
    const answer = readStatedVerdict("verdict: APPROVED\nverdict: REQUEST_CHANGES");
    expect(answer).toMatchObject({
      kind: "unreadable",
      reason: expect.stringContaining("APPROVED, REQUEST_CHANGES"),
    });
  });

  it("doesn't take a word that says no for one that says yes", () => {
    expect(readStatedVerdict("verdict: not approved")).toEqual(stated("NOT_APPROVED"));
  });

  it("comes to an end on hostile lines", () => {
    const hostile = `verdict:${"_".repeat(200_000)}x\n${"*".repeat(200_000)}\nverdict: PASS`;
    expect(readStatedVerdict(hostile)).toEqual(stated("PASS"));
  });
});
