import { expect, it } from "vitest";
import { runPlaneFleet } from "../support/plane-fleet.js";
import { APPROVER, REPO, STRANGER } from "../support/running-fleet.js";

const ANALYSED = {
  file: {
    // Plane knows people by e-mail; the double makes one of a display name.
    approvers: [`${APPROVER}@people.example`],
    pipelines: { analysed: [{ stage: "analysis", agent: "analyst", gate: "analysis-approved" }] },
  },
} as const;

it("commands in Plane are answered in words, since it has no signs", async () => {
  const { fleet, plane, said, fileItem } = await runPlaneFleet({
    ...ANALYSED,
    projects: { [REPO]: { pipeline: "analysed" } },
  });
  const id = fileItem();
  await fleet.untilItem("ET-001", ({ status }) => status === "awaiting-approval");
  await fleet.untilQuiet();
  const says = async (author: string, html: string) => {
    const before = said(id).length;
    plane.humanComment(id, author, html);
    await plane.settled();
    await fleet.untilQuiet();
    return said(id).slice(before).join("\n");
  };
  expect(await says(STRANGER, "<p>/status</p>")).toContain("only an approver can command");
  expect(await says(APPROVER, "<p>/status</p>")).toContain("ET-001 is in analysis");
  expect(await says(APPROVER, "<p>/unblock #3</p>")).toContain("does not wait for #3");
  expect(await says(APPROVER, "<blockquote>:approved:</blockquote><p>Why?</p>")).toBe("");
});
