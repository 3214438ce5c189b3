import { describe, expect, it } from "vitest";
import { missingForAdmission } from "../../../src/intake/qg0.js";

const TWENTY = "exactly 20 letters..";

describe("the admission check QG-0", () => {
  it("admits an item with a name and a description of 20 characters", () => {
    expect(missingForAdmission({ title: "Sync", text: `  ${TWENTY}\n` })).toEqual([]);
  });

  it.each([
    ["a missing description", ""],
    ["a blank one", " \n\t "],
    ["one of a comment only", "<!-- please describe what should change -->"],
    ["one of invisible characters", "\u200B".repeat(40)],
  ])("names %s", (_, text) => {
    expect(missingForAdmission({ title: "Sync", text })).toEqual(["A description is missing."]);
  });

  it("says how long a short description is and should be", () => {
    const [sentence, ...others] = missingForAdmission({ title: "Sync", text: TWENTY.slice(1) });
    expect(sentence).toContain("19");
    expect(sentence).toContain("20");
    expect(others).toEqual([]);
  });

  it("counts characters, not their parts", () => {
    expect(missingForAdmission({ title: "Sync", text: "🚀".repeat(19) })).toHaveLength(1);
    expect(missingForAdmission({ title: "Sync", text: "🚀".repeat(20) })).toEqual([]);
  });

  it("names everything that is missing", () => {
    expect(missingForAdmission({ title: "  ", text: "" })).toEqual([
      "A name is missing.",
      "A description is missing.",
    ]);
  });
});
