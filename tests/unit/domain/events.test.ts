import { expect, it } from "vitest";
import { type IssueEvent, looksLikeStart } from "../../../src/domain/events.js";
import { ASSIGNED } from "../../support/read-delivery.js";

it.each<[boolean, string, Partial<IssueEvent>]>([
  [true, "the bot's assignment", {}],
  [false, "somebody else's", { assigned: false }],
  [false, "one to what is closed", { open: false }],
  [true, "an issue that is opened with the bot", { action: "opened" }],
  [false, "one that is opened without", { action: "opened", assigned: false }],
  [true, "one of Plane's", { action: "opened", assigned: false, tracker: "plane" }],
  [true, "one that is open again", { action: "reopened" }],
  [false, "an edit", { action: "edited" }],
  [false, "one whose number Plane left out", { action: "opened", tracker: "plane", number: 0 }],
])("looks like a start: %s, of %s", (looks, _, changes) => {
  expect(looksLikeStart({ ...ASSIGNED, ...changes })).toBe(looks);
});
