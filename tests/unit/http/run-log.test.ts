import { afterEach, describe, expect, it } from "vitest";
import { memoryWorkItems, sampleItem, sampleRun } from "../../support/memory-work-items.js";
import { basic, type OperatorApp, operatorApp, VIEWER } from "../../support/operator-app.js";

const RUN = "ET-001-v3-a1";
const HOSTILE = `\u001b[2J<img src=x onerror="alert(1)">\u202e done`;
let app: OperatorApp;
afterEach(() => app.close());

async function get(path: string, headers: Record<string, string> = basic(VIEWER)) {
  app = await operatorApp({
    items: memoryWorkItems([
      {
        item: sampleItem(1),
        runs: [sampleRun("ET-001", { ending: "failed", reason: "exit code 3" })],
      },
      { item: sampleItem(2) },
    ]),
    runLogs: {
      read: async (run) => (run === RUN ? `building\n${HOSTILE}` : "another's"),
      readFrom: async () => "",
    },
  });
  const response = await app.fetch(path, { headers });
  const type = response.headers.get("content-type");
  return { status: response.status, type, text: await response.text() };
}

describe("the log of a run", () => {
  it("is text that no browser takes for a page and no terminal obeys", async () => {
    expect(await get(`/api/items/ET-001/runs/${RUN}/log`)).toEqual({
      status: 200,
      type: "text/plain; charset=utf-8",
      text: 'building\n<img src=x onerror="alert(1)"> done',
    });
  });

  it("has a page that says how the run went, and shows what it printed as it is", async () => {
    const { status, text } = await get(`/items/ET-001/runs/${RUN}`);
    expect(status).toBe(200);
    for (const part of ["exit code 3", "building", "&lt;img src=x", 'href="/items/ET-001"']) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain("<img");
  });

  it("is linked from its item's page", async () => {
    expect((await get("/items/ET-001")).text).toContain(`href="/items/ET-001/runs/${RUN}"`);
  });

  it.each([
    `/items/ET-002/runs/${RUN}`,
    `/items/ET-404/runs/${RUN}`,
    "/items/ET-001/runs/ET-001-v9-a9",
    `/api/items/ET-002/runs/${RUN}/log`,
    "/api/items/ET-001/runs/..%2f..%2fsecret/log",
  ])("is not found at %s", async (path) => {
    const { status, text } = await get(path);
    expect(status).toBe(404);
    expect(text).not.toContain("another's");
  });

  it.each([`/items/ET-001/runs/${RUN}`, `/api/items/ET-001/runs/${RUN}/log`])(
    "is for operators alone: %s",
    async (path) => {
      expect((await get(path, {})).status).toBe(401);
    },
  );
});
