import { afterEach, describe, expect, it } from "vitest";
import type { OperatorDeps } from "../../../src/http/operators.js";
import { memoryWorkItems, sampleItem } from "../../support/memory-work-items.js";
import { ADMIN, basic, type OperatorApp, operatorApp, VIEWER } from "../../support/operator-app.js";

let app: OperatorApp | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function open(given: Partial<OperatorDeps> = {}): Promise<OperatorApp> {
  const made = await operatorApp({
    items: memoryWorkItems([{ item: sampleItem(1) }]),
    ...given,
  });
  app = made;
  return made;
}

describe("who is refused", () => {
  it("reads on a page that a viewer gives no commands", async () => {
    const { fetch } = await open();
    const answer = await fetch("/items/ET-001/retry", { method: "POST", headers: basic(VIEWER) });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([
      403,
      "text/html; charset=utf-8",
    ]);
    const text = await answer.text();
    expect(text).toContain("You are logged in to look only.");
    expect(text).toContain("vic (read-only)");
  });

  it("reads on a page that another site may change nothing, and who is logged in isn't told", async () => {
    const { fetch } = await open();
    const headers = { ...basic(ADMIN), "Sec-Fetch-Site": "cross-site" };
    const answer = await fetch("/items/ET-001/retry", { method: "POST", headers });
    const text = await answer.text();
    expect(answer.status).toBe(403);
    expect(text).toContain("came from another site");
    expect(text).not.toContain(ADMIN.username);
  });

  it.each(["/api/items", "/board/api/queues/runs/pause"])("is told by JSON at %s", async (path) => {
    const { fetch } = await open();
    for (const headers of [basic(VIEWER), { ...basic(ADMIN), "Sec-Fetch-Site": "cross-site" }]) {
      const answer = await fetch(path, { method: "POST", headers });
      expect([answer.status, await answer.json()]).toEqual([403, { detail: expect.any(String) }]);
    }
  });
});

describe("what goes wrong", () => {
  const broken = { ...memoryWorkItems([]), find: () => Promise.reject(new Error("at 10.0.0.7")) };

  it("is a page to people that shows nothing of the inside", async () => {
    const { fetch } = await open({ items: broken });
    const answer = await fetch("/items/ET-001", { headers: basic(ADMIN) });
    const text = await answer.text();
    expect(answer.status).toBe(500);
    expect(text).toContain("The receiver&#39;s log says why");
    expect(text).not.toContain("10.0.0.7");
  });

  it("is JSON to programs", async () => {
    const { fetch } = await open({ items: broken });
    const answer = await fetch("/api/items/ET-001", { headers: basic(ADMIN) });
    expect([answer.status, await answer.json()]).toEqual([500, { detail: "Internal error" }]);
  });
});
