import { describe, expect, it } from "vitest";
import type { DomainEvent } from "../../../../src/domain/events.js";
import { readPlane } from "../../../../src/webhooks/plane/read.js";
import type { Reading } from "../../../../src/webhooks/reading.js";
import { PLANE_PROJECT, rocketFleet } from "../../../support/rocket-fleet.js";
import { fixture } from "../../../support/signed-request.js";

const fleet = rocketFleet();

function readFixture(name: string): Reading {
  const { headers, signed } = fixture(`plane/${name}`);
  return readPlane(headers["X-Plane-Event"], JSON.parse(signed.toString()), fleet);
}

function eventOf(reading: Reading): DomainEvent {
  if (reading.kind !== "event") throw new Error(JSON.stringify(reading));
  return reading.event;
}

const data = {
  id: "w1",
  project: PLANE_PROJECT,
  name: "x",
  sequence_id: 4,
  state: { group: "started" },
};
const issue = (
  action: string,
  field: string | null = null,
  changes: object = {},
  event = "issue",
) => ({
  event,
  action,
  data: { ...data, ...changes },
  activity: { field },
});

describe("Plane's work items", () => {
  it("become an event with all that is used of them", () => {
    expect(eventOf(readFixture("issue_created_ui_unicode"))).toEqual({
      kind: "issue",
      project: "rocket",
      tracker: "plane",
      action: "opened",
      number: 42,
      planeId: "90a551d4-3d32-454c-855a-46304069edd1",
      title: "Frame counter wraps → dashboard shows “NaN” 🚨 (テレメトリ)",
      url: null,
      assigned: false,
      open: true,
      updatedAt: "2026-05-20T08:01:02.103948Z",
    });
  });

  it("are known by every name and action Plane has had for them", () => {
    for (const [event, action] of [
      ["issue", "create"],
      ["work_item", "created"],
      ["work_item.created", undefined],
    ]) {
      const body = { ...issue("", null, {}, event), action };
      expect(eventOf(readPlane(undefined, body, fleet))).toMatchObject({ action: "opened" });
      expect(eventOf(readPlane("issue", body, fleet))).toMatchObject({ action: "opened" });
    }
  });

  it("are assigned by display name, e-mail or id", () => {
    const { bot } = fleet;
    for (const person of [{ display_name: "DevBot" }, { email: bot }, { id: bot }, bot]) {
      const body = issue("updated", "assignees", { assignees: [{ id: "other" }, person] });
      expect(eventOf(readPlane("issue", body, fleet))).toMatchObject({
        action: "assigned",
        assigned: true,
      });
    }
    const without = issue("updated", "assignee_ids", { assignees: [{ id: "other" }] });
    expect(eventOf(readPlane("issue", without, fleet))).toMatchObject({ action: "unassigned" });
  });

  it("are edited, or closed where the state ends the work, under API's and UI's names", () => {
    for (const field of [
      "name",
      "description",
      "description_html",
      "parent",
      "parent_id",
      "state",
      "state_id",
    ]) {
      const reading = readPlane("issue", issue("updated", field), fleet);
      expect(eventOf(reading), field).toMatchObject({ action: "edited", open: true });
    }
    for (const group of ["completed", "cancelled"]) {
      const body = issue("update", "state", { state: { group } });
      expect(eventOf(readPlane("issue", body, fleet))).toMatchObject({
        action: "closed",
        open: false,
      });
    }
  });

  it("are ignored for other fields, other projects, and what is ours", () => {
    for (const field of ["sort_order", "labels", "label_ids", "priority", "parental"]) {
      expect(readPlane("issue", issue("updated", field), fleet).kind, field).toBe("ignored");
    }
    expect(readPlane("issue", issue("created", null, { project: "other" }), fleet).kind).toBe(
      "ignored",
    );
    const ours = issue("created", null, { external_source: "stagecoach" });
    expect(readPlane("issue", ours, fleet).kind).toBe("ignored");
    expect(readPlane("issue", issue("archived"), fleet).kind).toBe("ignored");
  });

  it("are ignored where the bot itself moved them on the board, and heard where a person did", () => {
    const movedBy = (display_name: string) => ({
      ...issue("updated", "state"),
      activity: { field: "state", actor: { id: "u1", display_name } },
    });
    expect(readPlane("issue", movedBy("devbot"), fleet).kind).toBe("ignored");
    expect(readPlane("issue", movedBy("mira"), fleet).kind).toBe("event");
  });

  it("are malformed without id or project, naming the field", () => {
    const { id: _, ...rest } = data;
    expect(readPlane("issue", { ...issue("created"), data: rest }, fleet)).toMatchObject({
      kind: "malformed",
      detail: expect.stringMatching(/^data\.id: /),
    });
    expect(readPlane("issue", { event: "issue", action: "created" }, fleet).kind).toBe("malformed");
    expect(readPlane("issue", { event: "issue", data }, fleet).kind).toBe("malformed");
  });

  it("of which only the id is left are still known to be deleted, where the project is told", () => {
    expect(eventOf(readPlane("issue", issue("deleted"), fleet))).toMatchObject({ open: false });
    const bare = { event: "issue", action: "delete", data: { id: "w1" } };
    expect(readPlane("issue", bare, fleet).kind).toBe("ignored");
  });

  it("don't fit another event's header", () => {
    expect(readPlane("project", issue("created"), fleet).kind).toBe("malformed");
    expect(readPlane("work_item", issue("created"), fleet).kind).toBe("event");
  });
});

describe("Plane's comments", () => {
  it("bring their text out of the HTML and the names that can't be chosen freely", () => {
    expect(eventOf(readFixture("issue_comment_created"))).toEqual({
      kind: "comment",
      project: "rocket",
      tracker: "plane",
      commentId: "c84b4b3c-c132-4079-a1ce-8de41e0ed2eb",
      number: null,
      planeId: "90a551d4-3d32-454c-855a-46304069edd1",
      onPullRequest: false,
      author: ["mira@acme.example", "82ad9d70-8e7c-403c-a91d-fcc7465c58e8"],
      at: "2026-05-20T08:30:00.000123Z",
      text: "please take this — danke 🙏 <3",
    });
  });

  const comment = (changes: object = {}, actor: object = { id: "u1", email: "eve@x" }) => ({
    event: "issue_comment",
    action: "created",
    data: {
      id: "c1",
      issue: "w1",
      project: PLANE_PROJECT,
      actor: "u1",
      comment_html: "",
      ...changes,
    },
    activity: { actor },
  });

  it("don't take the e-mail of somebody else who touched them", () => {
    const reading = readPlane(
      undefined,
      comment({}, { id: "u2", email: "mira@acme.example" }),
      fleet,
    );
    expect(eventOf(reading)).toMatchObject({ author: ["u1"] });
  });

  it("are ignored when ours, or not new", () => {
    const ours = comment({ external_source: "stagecoach" });
    expect(readPlane("issue_comment", ours, fleet).kind).toBe("ignored");
    expect(readPlane("issue_comment", { ...comment(), action: "update" }, fleet).kind).toBe(
      "ignored",
    );
    const others = comment({ external_source: "gatekeeper" });
    expect(readPlane("issue_comment", others, fleet).kind).toBe("event");
  });
});
