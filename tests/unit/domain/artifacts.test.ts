import { describe, expect, it } from "vitest";
import { artifactsFolder, mayWrite, takenOutBefore } from "../../../src/domain/artifacts.js";
import { ROLES, type Role } from "../../../src/domain/stage.js";

/** Which one role may write which artifact. */
const OWNERS: readonly (readonly [artifact: string, owner: Role])[] = [
  ["01-questions.md", "analyst"],
  ["02-brd.md", "analyst"],
  ["03-trz.md", "analyst"],
  ["04-acceptance-criteria.md", "analyst"],
  ["05-test-plan.md", "analyst"],
  ["06-adr/0001-queue.md", "architect"],
  ["10-conflict.md", "architect"],
  ["11-notes.md", "developer"],
  ["09-review.md", "reviewer"],
  ["12-review.md", "reviewer"],
  ["13-test-report.md", "tester"],
  ["14-deploy.md", "deployer"],
];

describe("artifacts", () => {
  it("lie in the item's folder", () => {
    expect(artifactsFolder("ET-001")).toBe("docs/work-items/ET-001");
  });

  it.each(OWNERS)("%s is written by the %s alone", (artifact, owner) => {
    expect(ROLES.filter((role) => mayWrite(role, artifact))).toEqual([owner]);
  });

  it.each([
    "00-task.md",
    "12-review.md.bak",
    "x/12-review.md",
    "../ET-002/12-review.md",
    "06-adr/../12-review.md/x",
    "06-adr/deep/er.md",
    "02-brd.txt",
  ])("%s is written by nobody", (artifact) => {
    expect(ROLES.filter((role) => mayWrite(role, artifact))).toEqual([]);
  });

  it.each<[Role, string[]]>([
    ["analyst", []],
    ["architect", []],
    ["developer", []],
    ["reviewer", ["12-review.md", "09-review.md"]],
    ["tester", ["13-test-report.md"]],
    ["deployer", ["14-deploy.md"]],
  ])(
    "before a run of the %s its verdict files, questions and conflict are taken out",
    (role, own) => {
      expect(takenOutBefore(role)).toEqual([...own, "01-questions.md", "10-conflict.md"]);
    },
  );
});
