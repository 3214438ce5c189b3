import { afterEach, describe, expect, it } from "vitest";
import type { Operate } from "../../../src/http/item-commands.js";
import { memoryWorkItems, sampleItem } from "../../support/memory-work-items.js";
import { ADMIN, basic, type OperatorApp, operatorApp, VIEWER } from "../../support/operator-app.js";

const COMMIT = "c".repeat(40);
const HOSTILE = `<img src=x onerror="alert(1)">`;
let app: OperatorApp;
let given: unknown[][] = [];

afterEach(async () => {
  given = [];
  await app.close();
});

const agreeing: Operate = async (...order) => {
  given.push(order);
  return { kind: "done", text: "It goes on." };
};

async function send(method: string, path: string, user = ADMIN, more: Record<string, string> = {}) {
  app = await operatorApp({
    items: memoryWorkItems([
      { item: sampleItem(1, { status: "failed", title: HOSTILE, approvalRequested: COMMIT }) },
      { item: sampleItem(2, { status: "done", stage: "done" }) },
    ]),
    operate: agreeing,
  });
  const response = await app.fetch(path, { method, headers: { ...basic(user), ...more } });
  return {
    status: response.status,
    to: response.headers.get("location"),
    text: await response.text(),
  };
}

describe("a command on an item", () => {
  it.each(["retry", "cancel", "approve"])("asks first whether %s is meant", async (name) => {
    const { status, text } = await send("GET", `/items/ET-001/${name}`);
    expect(status).toBe(200);
    expect(text).toContain(`method="post" action="/items/ET-001/${name}`);
    expect(text).not.toContain("<img");
    expect(given).toEqual([]);
  });

  it("is carried out by the form of that page, in the name of who is logged in", async () => {
    const { status, to } = await send("POST", "/items/ET-001/retry");
    expect({ status, to }).toEqual({ status: 302, to: "/items/ET-001" });
    expect(given).toEqual([["ET-001", { kind: "retry" }, ADMIN.username]]);
  });

  it("binds an approval to the commit that stood on the page", async () => {
    const { text } = await send("GET", "/items/ET-001/approve");
    const action = /action="(\/items[^"]+)"/.exec(text)?.[1] ?? "";
    expect(action).toBe(`/items/ET-001/approve?commit=${COMMIT}`);
    await app.close();
    await send("POST", action);
    expect(given).toEqual([["ET-001", { kind: "approve", sha: COMMIT }, ADMIN.username]]);
  });

  it("that changes nothing says why", async () => {
    app = await operatorApp({
      items: memoryWorkItems([{ item: sampleItem(1) }]),
      operate: async () => ({ kind: "refused", text: `An agent works on it ${HOSTILE}.` }),
    });
    const response = await app.fetch("/items/ET-001/retry", {
      method: "POST",
      headers: basic(ADMIN),
    });
    expect(response.status).toBe(409);
    const text = await response.text();
    expect(text).toContain("An agent works on it &lt;img");
    expect(text).not.toContain("<img");
  });

  it.each([
    ["a viewer's", VIEWER, {}],
    ["another site's", ADMIN, { "Sec-Fetch-Site": "cross-site" }],
  ])("is refused where it is %s", async (_, user, headers) => {
    expect((await send("POST", "/items/ET-001/cancel", user, headers)).status).toBe(403);
    expect(given).toEqual([]);
  });

  it.each(["/items/ET-404/retry", "/items/ET-001/explode", "/items/ET-001/toString"])(
    "isn't there at %s",
    async (path) => {
      expect((await send("POST", path)).status).toBe(404);
      expect(given).toEqual([]);
    },
  );

  it("is offered to the admin on the page of an item under way, and to nobody else", async () => {
    const link = 'href="/items/ET-001/retry"';
    expect((await send("GET", "/items/ET-001")).text).toContain(link);
    await app.close();
    expect((await send("GET", "/items/ET-001", VIEWER)).text).not.toContain(link);
    await app.close();
    expect((await send("GET", "/items/ET-002")).text).not.toContain("/retry");
  });
});
