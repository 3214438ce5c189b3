import { describe, expect, it } from "vitest";
import { architectureDone } from "../../../src/gates/architecture-done.js";
import { gateContext, HEAD } from "./gate-context.js";

const record = { "06-adr/0001-queue.md": "# Queue" };
const conflict = { "10-conflict.md": "The requirements exclude each other." };

describe("the gate architecture-done", () => {
  it("passes with one decision record", async () => {
    const verdict = await architectureDone(gateContext({ files: record }));
    expect(verdict).toMatchObject({ gate: "architecture-done", passed: true, commit: HEAD });
    expect(verdict.evidence).toContain("0001-queue.md");
  });

  it.each([
    ["nothing", {}],
    ["another kind of file", { "06-adr/diagram.png": "x" }],
    ["a file below a folder", { "06-adr/drafts/0001.md": "x" }],
    ["a record elsewhere", { "07-adr/0001.md": "x" }],
  ])("doesn't pass with %s", async (_, files) => {
    const verdict = await architectureDone(gateContext({ files }));
    expect(verdict).toMatchObject({
      passed: false,
      reason: expect.stringContaining("06-adr/*.md"),
    });
    expect(verdict).not.toHaveProperty("findings");
  });

  it("has a conflict that counts as findings, records or not", async () => {
    const files = { ...record, ...conflict };
    const verdict = await architectureDone(gateContext({ files, wrote: ["10-conflict.md"] }));
    expect(verdict).toMatchObject({
      passed: false,
      findings: { artifact: "10-conflict.md", text: conflict["10-conflict.md"] },
    });
  });

  it("passes over a conflict of an earlier round", async () => {
    const verdict = await architectureDone(gateContext({ files: { ...record, ...conflict } }));
    expect(verdict.passed).toBe(true);
  });

  it("passes when a person took the conflict away", async () => {
    const verdict = await architectureDone(
      gateContext({ files: record, changedByPerson: ["10-conflict.md"] }),
    );
    expect(verdict.passed).toBe(true);
  });
});
