import { expect, it } from "vitest";
import { untilStopped } from "../support/agents.js";
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

it("an issue that could have started and doesn't holds up no higher number", async () => {
  const { fleet, plane, fileItem } = await runPlaneFleet({ start: "assigned" });
  const { redis, prefix } = fleet.store;
  const expected = async () =>
    (await redis.keys("*:expected:*")).filter((key) => key.startsWith(prefix));
  fileItem();
  await plane.settled();
  await fleet.untilQuiet();
  expect(await expected()).toEqual([]);
});

it("an issue in Plane that is closed and opened again starts another item", async () => {
  const { fleet, plane, fileItem } = await runPlaneFleet({
    agents: {
      developer: (context, signal) =>
        context.item === "ET-001" ? untilStopped(context, signal) : Promise.resolve(undefined),
    },
  });
  const id = fileItem();
  await fleet.untilStarted(1);
  plane.moveTo(id, "Cancelled");
  await fleet.untilItem("ET-001", ({ status }) => status === "cancelled");
  plane.edit(id, { name: "Count the telemetry again" });
  await plane.settled();
  await fleet.untilQuiet();
  expect(fleet.started).toHaveLength(1);
  plane.moveTo(id, "Todo");
  await fleet.untilItem("ET-002", ({ status }) => status === "done");
  await plane.settled();
  await fleet.untilQuiet();
  const { items } = await fleet.store.items.list({ limit: 10, cursor: null });
  expect(items.map((item) => item.id).sort()).toEqual(["ET-001", "ET-002"]);
});
