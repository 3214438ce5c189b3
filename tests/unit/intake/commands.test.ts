import { describe, expect, it } from "vitest";
import { type Command, parseCommand } from "../../../src/intake/commands.js";

const SHA = "3f2a9c1d4b5e6f708192a3b4c5d6e7f801234567";
const repo = { repo: "acme/rocket" };

describe("a command in a comment", () => {
  it.each<[string, Command]>([
    ["/approve", { kind: "approve", sha: null }],
    ["  /Approve  ", { kind: "approve", sha: null }],
    [`/approve ${SHA}`, { kind: "approve", sha: SHA }],
    [`/approve \`${SHA.slice(0, 7).toUpperCase()}\``, { kind: "approve", sha: SHA.slice(0, 7) }],
    [`/approve ${SHA} thanks`, { kind: "approve", sha: SHA }],
    [":approved:", { kind: "approve", sha: null }],
    [":approved: well done", { kind: "approve", sha: null }],
    [`:approved: ${SHA}`, { kind: "approve", sha: SHA }],
    ["/reject too vague", { kind: "reject", reason: "too vague" }],
    [
      "/reject too vague\n\n> quoted\n- a\n- b\n",
      { kind: "reject", reason: "too vague\n\n> quoted\n- a\n- b" },
    ],
    ["/reject\nToo vague.", { kind: "reject", reason: "Too vague." }],
    ["/retry", { kind: "retry" }],
    ["/retry please", { kind: "retry" }],
    ["/retry protected", { kind: "retry", allowProtected: true }],
    ["/retry Protected ", { kind: "retry", allowProtected: true }],
    ["/retry protected please", { kind: "retry" }],
    ["/retry\nprotected", { kind: "retry" }],
    ["/cancel", { kind: "cancel" }],
    ["/status", { kind: "status" }],
    ["/unblock #160", { kind: "unblock", blocker: 160 }],
    ["/unblock 160", { kind: "unblock", blocker: 160 }],
    ["/unblock acme/rocket#160", { kind: "unblock", blocker: 160 }],
    ["/unblock acme/other#7", { kind: "unblock", blocker: "acme/other#7" }],
    ["/unblock https://git.example/acme/rocket/issues/160", { kind: "unblock", blocker: 160 }],
    ["/rollback", { kind: "rollback", stage: null }],
    ["/rollback Analysis", { kind: "rollback", stage: "analysis" }],
    ["/budget +5", { kind: "budget", add: 5 }],
    ["/budget + $2.50", { kind: "budget", add: 2.5 }],
    ["/budget +200k", { kind: "budget", add: 200_000 }],
    ["/budget +2M", { kind: "budget", add: 2_000_000 }],
    ["/deploy now", { kind: "unknown", word: "deploy" }],
    ["/constructor", { kind: "unknown", word: "constructor" }],
  ])("%j is read", (comment, command) => {
    expect(parseCommand(comment, repo)).toEqual(command);
  });

  it.each([
    ["/approve f00", "approve"],
    ["/approve not yet", "approve"],
    ["/reject", "reject"],
    ["/reject \n \n", "reject"],
    ["/unblock", "unblock"],
    ["/unblock #0", "unblock"],
    ["/unblock #160 #161", "unblock"],
    ["/unblock the queue", "unblock"],
    ["/rollback done", "rollback"],
    ["/rollback yesterday", "rollback"],
    ["/rollback analysis review", "rollback"],
    ["/budget", "budget"],
    ["/budget 5", "budget"],
    ["/budget -5", "budget"],
    ["/budget +0", "budget"],
    ["/budget +1e9", "budget"],
    ["/budget +lots", "budget"],
  ])("%j is misused, and says how %s is written", (comment, word) => {
    expect(parseCommand(comment, repo)).toEqual({
      kind: "misused",
      word,
      usage: expect.stringContaining(`/${word}`),
    });
  });

  it("is looked for after quotes, code and hidden text", () => {
    const comment =
      "> /cancel\n\n```\n/reject x\n```\n<!-- /cancel -->\n\n    /cancel\n\r\n/retry\nbecause";
    expect(parseCommand(comment)).toEqual({ kind: "retry" });
  });

  it("must begin the first line that counts", () => {
    expect(parseCommand("Looks good.\n/approve")).toBeNull();
    expect(parseCommand("Please don't /approve yet")).toBeNull();
  });

  it.each([
    "",
    " \n\n",
    "Thanks!",
    "> /approve",
    "`/approve`",
    "**/approve**",
    "```\n/approve\n```",
    "<!-- /approve -->",
    "\t/approve",
    "/",
    "// a remark",
    "/usr/bin/env is missing",
    "/approve/all",
    "/42",
    ":approved",
    ":approved:yes",
    "approve",
  ])("%j is none", (comment) => {
    expect(parseCommand(comment)).toBeNull();
  });

  it("keeps a long reason within bounds", () => {
    const command = parseCommand(`/reject ${"x".repeat(10_000)}`);
    expect(command).toEqual({ kind: "reject", reason: "x".repeat(4_000) });
  });
});
