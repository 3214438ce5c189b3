import { afterEach, describe, expect, it } from "vitest";
import type { ItemChange, ItemChanges } from "../../../src/engine/item-changes.js";
import type { OperatorDeps } from "../../../src/http/operators.js";
import { memoryWorkItems, sampleItem, sampleRun } from "../../support/memory-work-items.js";
import { basic, type OperatorApp, operatorApp, VIEWER } from "../../support/operator-app.js";

const RUN = "ET-001-v3-a1";
const MOVED: ItemChange = { item: "ET-001", stage: "review", status: "running" };
const OTHER: ItemChange = { item: "ET-002", stage: "done", status: "done" };

const open: AbortController[] = [];
let app: OperatorApp;
afterEach(async () => {
  for (const browser of open.splice(0)) browser.abort();
  await app.close();
});

/** Changes that the test makes; `followers`: how many streams hear them. */
function madeChanges() {
  const listeners = new Set<(change: ItemChange | null) => void>();
  const changes: ItemChanges = {
    follow: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const tell = (change: ItemChange | null) => {
    for (const listener of listeners) listener(change);
  };
  return { changes, tell, followers: () => listeners.size };
}

async function start(deps: Partial<OperatorDeps> = {}) {
  const kept = [{ item: sampleItem(1), runs: [sampleRun("ET-001", { ending: null })] }];
  app = await operatorApp({ items: memoryWorkItems(kept), ...deps });
}

/** A browser that listens, as somebody who may only look. */
async function listen(path: string, headers: Record<string, string> = basic(VIEWER)) {
  const browser = new AbortController();
  open.push(browser);
  const response = await app.fetch(path, { headers, signal: browser.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    response,
    leave: () => browser.abort(),
    /** All that came, once `part` did; or, without one, once the stream ended. */
    async until(part?: string): Promise<string> {
      while (part === undefined || !text.includes(part)) {
        const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
        if (done) break;
        text += value;
      }
      if (part !== undefined) expect(text).toContain(part);
      return text;
    },
  };
}

describe("the events", () => {
  it("tell every page which items were written, and where they stand", async () => {
    const { changes, tell } = madeChanges();
    await start({ changes });
    const stream = await listen("/events");
    expect(stream.response.headers.get("content-type")).toContain("text/event-stream");
    expect(stream.response.headers.get("cache-control")).toBe("no-store");
    tell(MOVED);
    tell(OTHER);
    const text = await stream.until(`"ET-002"`);
    expect(text).toContain(`event: changed\ndata: ${JSON.stringify([MOVED, OTHER])}\n\n`);
  });

  it("of one item's page are of that item, or say that some were missed", async () => {
    const { changes, tell } = madeChanges();
    await start({ changes });
    const stream = await listen("/events?item=ET-001");
    tell(OTHER);
    tell(MOVED);
    expect(await stream.until("ET-001")).not.toContain("ET-002");
    tell(null);
    await stream.until("data: []");
  });

  it("that come just after some were missed are told all the same", async () => {
    const { changes, tell } = madeChanges();
    await start({ changes });
    const stream = await listen("/events");
    tell(null);
    tell(MOVED);
    expect(await stream.until("ET-001")).toContain(
      `event: changed\ndata: []\n\nevent: changed\ndata: ${JSON.stringify([MOVED])}\n\n`,
    );
  });

  it("that come in a flood are told as one", async () => {
    const { changes, tell } = madeChanges();
    await start({ changes });
    const stream = await listen("/events");
    for (let index = 0; index < 5_000; index += 1) tell({ ...MOVED, item: `ET-${1000 + index}` });
    tell(OTHER);
    const text = await stream.until("data: ");
    expect(text).toContain("data: []\n\n");
    expect(text).not.toContain("ET-");
  });

  it("bring what a run prints in whole lines, from the byte the page ends at", async () => {
    let stored = "first\nsécond\nthi";
    const readFrom = async (run: string, bytes: number) =>
      run === RUN ? Buffer.from(stored).subarray(bytes).toString() : "another's";
    await start({ runLogs: { read: async () => stored, readFrom } });
    const path = `/events?item=ET-001&run=${RUN}&from=6`;
    const stream = await listen(path);
    const text = await stream.until("event: log");
    expect(text).toContain(`event: log\nid: 14\ndata: "sécond\\n"\n\n`);
    stored += "rd\n<img>\u001b[2J\n";
    expect(await stream.until("third")).toContain(`data: "third\\n<img>\\n"`);

    const again = await listen(path, { ...basic(VIEWER), "Last-Event-ID": "14" });
    expect(await again.until("third")).not.toContain("cond");
  });

  it("show signs of life while nothing happens, and end so that their reader is asked again", async () => {
    await start({ streamTimes: { beatMs: 5, longestMs: 100 } });
    const text = await (await listen("/events")).until();
    expect(text.match(/^:$/gm)?.length).toBeGreaterThan(1);
  });

  it("end when the process goes, and none begins", async () => {
    const leaving = new AbortController();
    const { changes, followers } = madeChanges();
    await start({ leaving: leaving.signal, changes });
    const stream = await listen("/events");
    expect(followers()).toBe(1);
    leaving.abort();
    await stream.until();
    expect(followers()).toBe(0);
    expect((await listen("/events")).response.status).toBe(503);
  });

  it("are refused beyond their number, and make room when a browser goes", async () => {
    const { changes, followers } = madeChanges();
    await start({ mostStreams: 2, changes });
    const first = await listen("/events");
    await listen("/events");
    const refused = await listen("/events");
    expect(refused.response.status).toBe(503);
    expect(refused.response.headers.get("retry-after")).toBe("10");
    first.leave();
    await expect.poll(followers).toBe(1);
    expect((await listen("/events")).response.status).toBe(200);
  });
});

describe("the events' door", () => {
  it.each(["/events", `/events?item=ET-001&run=${RUN}`])("is shut to anybody: %s", async (path) => {
    const { changes, followers } = madeChanges();
    await start({ changes });
    const { response, until } = await listen(path, {});
    expect(response.status).toBe(401);
    expect(await until()).toContain("Login required");
    expect(followers()).toBe(0);
  });

  it("opens no stream for who only asks for its head", async () => {
    const { changes, followers } = madeChanges();
    await start({ changes });
    const response = await app.fetch("/events", { method: "HEAD", headers: basic(VIEWER) });
    expect(response.status).toBe(200);
    expect(followers()).toBe(0);
  });

  it.each(["/events?item=ET-404", "/events?item=ET-001&run=ET-404-v1-a1", "/events?item=../x"])(
    "leads nowhere for what isn't there: %s",
    async (path) => {
      await start();
      expect((await listen(path)).response.status).toBe(404);
    },
  );
});
