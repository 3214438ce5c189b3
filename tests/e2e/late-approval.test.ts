import { expect, it } from "vitest";
import { runPlaneFleet } from "../support/plane-fleet.js";
import { reconcileOnce } from "../support/reconciling.js";
import { APPROVER, REPO } from "../support/running-fleet.js";

const ANALYSED = {
  file: {
    // Plane knows people by e-mail; the double makes one of a display name.
    approvers: [`${APPROVER}@people.example`],
    pipelines: { analysed: [{ stage: "analysis", agent: "analyst", gate: "analysis-approved" }] },
  },
  projects: { [REPO]: { pipeline: "analysed" } },
} as const;

it("an approval that is heard late isn't one of what was analysed since", async () => {
  const { fleet, plane, said, fileItem } = await runPlaneFleet(ANALYSED);
  const id = fileItem();
  await fleet.untilItem("ET-001", ({ status }) => status === "awaiting-approval");
  await fleet.untilQuiet();
  // Nobody hears of it until the next round of comparing.
  plane.setHook(null);
  plane.humanComment(id, APPROVER, "<p>:approved:</p>");
  plane.setHook({
    url: `${fleet.receiver.url}/webhook/plane`,
    secret: "a-secret-of-plane-for-tests",
  });
  plane.humanComment(id, APPROVER, "<p>/reject too long</p>");
  const item = await fleet.untilItem(
    "ET-001",
    ({ version, status }) => version === 2 && status === "awaiting-approval",
  );
  await plane.settled();
  await fleet.untilQuiet();
  await reconcileOnce(fleet);
  expect(said(id).at(-1)).toContain(
    "ET-001's analysis ended after that was said, by its tracker's clock. If it is of what is there now, say it again",
  );
  expect(await fleet.untilItem("ET-001", () => true)).toMatchObject({
    stage: "analysis",
    status: "awaiting-approval",
    approvalRequested: item.approvalRequested,
  });
});
