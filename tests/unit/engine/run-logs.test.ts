import { expect, it } from "vitest";
import { logsOfVersion, readableLog } from "../../../src/engine/run-logs.js";
import { sampleRun } from "../../support/memory-work-items.js";

it("leaves nothing that a terminal obeys or that reads as something else", () => {
  const hostile =
    "\u001b]0;owned\u0007\u001b[2J\u001b[31mred\u001b[0m\u0000 50%\r100%\u202etxt.exe";
  expect(readableLog(`${hostile}\n\tnext`)).toBe("red 50%\n100%txt.exe\n\tnext");
});

it("names each attempt of a version before what it printed, and no other version's", async () => {
  const runs = [
    sampleRun("ET-001", { id: "ET-001-v2-a1", version: 2 }),
    sampleRun("ET-001", { id: "ET-001-v3-a1", ending: "transient" }),
    sampleRun("ET-001", { id: "ET-001-v3-a2", ending: null }),
  ];
  const lines = await logsOfVersion(
    { runs: async () => runs },
    { read: async (run) => `said by ${run}\n\u001b[1mbold` },
    { item: "ET-001", version: 3 },
  );
  expect(lines).toEqual([
    "== ET-001-v3-a1: transient",
    "said by ET-001-v3-a1",
    "bold",
    "== ET-001-v3-a2: running",
    "said by ET-001-v3-a2",
    "bold",
  ]);
});
