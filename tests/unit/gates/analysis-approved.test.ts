import { describe, expect, it } from "vitest";
import { ANALYSIS_ARTIFACTS } from "../../../src/domain/artifacts.js";
import { analysisApproved } from "../../../src/gates/analysis-approved.js";
import { gateContext, HEAD, OLDER } from "./gate-context.js";

const complete = Object.fromEntries(ANALYSIS_ARTIFACTS.map((name) => [name, `# ${name}`]));
const approval = (commit: string) => ({ by: "alice", commit, at: "2026-01-01T00:00:00Z" });

describe("the gate analysis-approved", () => {
  it("passes with all artifacts and an approval of this commit", async () => {
    const verdict = await analysisApproved(
      gateContext({ files: complete, approval: approval(HEAD) }),
    );
    expect(verdict).toMatchObject({ gate: "analysis-approved", passed: true, commit: HEAD });
    expect(verdict.reason).toContain("alice");
  });

  it("awaits an approval when all artifacts are there", async () => {
    const verdict = await analysisApproved(gateContext({ files: complete }));
    expect(verdict).toMatchObject({ passed: false, pending: true, commit: HEAD });
    expect(verdict).not.toHaveProperty("findings");
  });

  it("awaits another approval when the branch moved past the approved commit", async () => {
    const verdict = await analysisApproved(
      gateContext({ files: complete, approval: approval(OLDER) }),
    );
    expect(verdict).toMatchObject({ passed: false, pending: true });
    expect(verdict.reason).toContain(OLDER.slice(0, 10));
    expect(verdict.reason).toContain(HEAD.slice(0, 10));
  });

  it.each(ANALYSIS_ARTIFACTS)(
    "names %s when it is empty, in spite of an approval",
    async (name) => {
      const files = { ...complete, [name]: " \n" };
      const verdict = await analysisApproved(gateContext({ files, approval: approval(HEAD) }));
      expect(verdict).toMatchObject({ passed: false, reason: `Missing or empty: ${name}.` });
      expect(verdict).not.toHaveProperty("pending");
    },
  );

  it("names all that are absent", async () => {
    const verdict = await analysisApproved(gateContext());
    for (const name of ANALYSIS_ARTIFACTS) expect(verdict.reason).toContain(name);
  });

  it("has the analyst's questions as findings when they count", async () => {
    const files = { "01-questions.md": "1. Which database?" };
    const verdict = await analysisApproved(gateContext({ files, wrote: ["01-questions.md"] }));
    expect(verdict).toMatchObject({
      passed: false,
      pending: true,
      findings: { artifact: "01-questions.md", text: "1. Which database?" },
    });
  });

  it("has no questions of an earlier round", async () => {
    const files = { "01-questions.md": "1. Which database?" };
    const verdict = await analysisApproved(gateContext({ files }));
    expect(verdict).not.toHaveProperty("findings");
    expect(verdict).not.toHaveProperty("pending");
  });

  it("asks for approval first when there are both artifacts and questions", async () => {
    const files = { ...complete, "01-questions.md": "1. Which database?" };
    const verdict = await analysisApproved(gateContext({ files, wrote: ["01-questions.md"] }));
    expect(verdict).toMatchObject({ passed: false, pending: true });
    expect(verdict).not.toHaveProperty("findings");
  });
});
