import { describe, expect, it } from "vitest";
import { planHook, strangers } from "../../../src/cli/hook-plan.js";
import type { StoredHook } from "../../../src/trackers/gitea-admin.js";
import {
  isReceiver,
  neededEvents,
  readEvents,
  sendsAll,
  unsentEvents,
} from "../../../src/webhooks/gitea/hook-events.js";

const URL_ = "https://fleet.example/webhook/gitea";
const readable = readEvents("1.26.3");
const events = readable.sure;
const wanted = { url: URL_, events: readable, needed: neededEvents([]), rotate: false };
const hook = (changes: Partial<StoredHook> = {}): StoredHook => ({
  id: 1,
  type: "gitea",
  url: URL_,
  contentType: "json",
  active: true,
  events,
  branchFilter: "*",
  authorization: "",
  ...changes,
});
const elsewhere = (id: number) => hook({ id, url: "https://old.example/webhook/gitea" });

describe("a repository's webhook", () => {
  it("is made where there is none, beside those of strangers", () => {
    const stranger = hook({ url: "https://chat.example/services/T0" });
    expect(planHook([], wanted)).toEqual({ kind: "create" });
    expect(planHook([stranger], wanted)).toEqual({ kind: "create" });
  });

  it("is left alone when it is in order, also with more events than are read", () => {
    expect(planHook([hook({ events: [...events, "wiki"] })], wanted)).toEqual({ kind: "none" });
    expect(planHook([hook({ url: `${URL_}/`, branchFilter: "" })], wanted)).toEqual({
      kind: "none",
    });
  });

  const faults: readonly [Partial<StoredHook>, string][] = [
    [{ active: false }, "it was not active"],
    [{ events: ["push"] }, "it didn't send all events"],
    [{ url: "http://old.example/webhook/gitea" }, "it led elsewhere"],
    [{ branchFilter: "main" }, "it hid pushes by a branch filter"],
  ];
  it.each(faults)("is mended with %o", (fault, why) => {
    const broken = hook(fault);
    expect(planHook([broken], wanted)).toEqual({ kind: "repair", hook: broken, why: [why] });
  });

  it("is never taken from another fleet when it isn't clear whose it is", () => {
    const there = [elsewhere(2), elsewhere(3)];
    const act = planHook(there, wanted);
    expect(act).toEqual({ kind: "create" });
    expect(strangers(there, URL_, act)).toBe(2);
    expect(planHook([hook(), elsewhere(2)], wanted)).toEqual({ kind: "none" });
  });

  it("is made anew for a new secret, in the place of every one with its address", () => {
    const there = [hook(), hook({ id: 2, active: false }), elsewhere(3)];
    const rotated = planHook(there, { ...wanted, rotate: true });
    expect(rotated).toEqual({ kind: "rotate", hooks: there.slice(0, 2) });
    expect(strangers(there, URL_, rotated)).toBe(1);
  });
});

describe("webhook events", () => {
  it("are those a server's version can send", () => {
    expect(readable.sure).toEqual(expect.arrayContaining(["status", "workflow_run", "delete"]));
    expect(readEvents("1.24.0").sure).not.toContain("workflow_run");
    expect(readEvents("1.22.6").sure).not.toContain("status");
    expect(readEvents("1.22.6").ask).toContain("status");
    const forgejo = readEvents("12.0.1+gitea-1.22.0");
    expect(forgejo.ask).toEqual(
      expect.arrayContaining(["action_run_success", "action_run_recover"]),
    );
    expect(forgejo.ask).not.toContain("workflow_run");
    expect(forgejo.sure).not.toContain("action_run_success");
  });

  it("of reviews go by one name or by three", () => {
    const newer = events.filter((event) => !/_review_(approved|rejected|comment)$/.test(event));
    const older = events.filter((event) => event !== "pull_request_review");
    expect(sendsAll(events, newer)).toBe(true);
    expect(sendsAll(events, older)).toBe(true);
    expect(
      sendsAll(
        events,
        older.filter((event) => event !== "push"),
      ),
    ).toBe(false);
    const needed = neededEvents(["review-approved", "ci-green"]);
    expect(unsentEvents(needed, newer)).toEqual([]);
    expect(unsentEvents(needed, ["push"])).toContain("status or action_run_success");
  });

  it("go to an address that ends as a receiver's", () => {
    expect(isReceiver("https://x.example/deep/webhook/gitea/")).toBe(true);
    expect(isReceiver("https://x.example/webhook/plane")).toBe(false);
    expect(isReceiver("no address")).toBe(false);
  });
});
