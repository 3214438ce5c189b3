import { describe, expect, it } from "vitest";
import { stageOfVersion } from "../../../src/engine/stage-of-version.js";
import { memoryWorkItems, sampleItem, sampleRun } from "../../support/memory-work-items.js";

const items = memoryWorkItems([
  {
    item: sampleItem(1, { version: 3, stage: "review" }),
    runs: [sampleRun("ET-001", { version: 2, stage: "development" })],
  },
]);

describe("the stage of a version", () => {
  it.each([
    ["ET-001", 3, "review"],
    ["ET-001", 2, "development"],
    ["ET-001", 1, null],
    ["ET-404", 3, null],
  ])("%s at %i is %s", async (item, version, stage) => {
    expect(await stageOfVersion(items, { item, version })).toBe(stage);
  });
});
