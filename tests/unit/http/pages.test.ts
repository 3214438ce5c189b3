import { once } from "node:events";
import { get } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import {
  type KeptItem,
  memoryWorkItems,
  sampleEntry,
  sampleItem,
  sampleKey,
  sampleRun,
} from "../../support/memory-work-items.js";
import { ADMIN, basic, type OperatorApp, operatorApp } from "../../support/operator-app.js";

let app: OperatorApp;
afterEach(() => app.close());

async function page(path: string, kept: readonly KeptItem[] = []) {
  const clock = () => new Date("2026-03-01T09:35:00Z");
  app = await operatorApp({ items: memoryWorkItems(kept), clock });
  const response = await app.fetch(path, { headers: basic(ADMIN) });
  return { status: response.status, text: await response.text() };
}

/** The part of the overview under a stage's heading. */
const column = (text: string, stage: string) =>
  text.split('<section class="stage').find((part) => part.includes(`stage-${stage}`)) ?? "";

const HOSTILE = `<img src=x onerror="alert(1)">'&`;
const INERT = "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;";

describe("the overview", () => {
  it("shows each item under its stage, with what matters of it", async () => {
    const { text } = await page("/", [
      { item: sampleItem(1, { stage: "review" }) },
      {
        item: sampleItem(2, { status: "waiting", reason: "one blocker", costUsd: 1.5 }),
        waitingOn: [sampleKey(1)],
      },
    ]);
    expect(column(text, "review")).toContain("ET-001");
    const development = column(text, "development");
    expect(development).not.toContain("ET-001");
    for (const part of [
      'href="/items/ET-002"',
      "acme/rocket#2",
      "Task 2",
      "waiting",
      "one blocker",
      "waits for acme/rocket#1",
      "1/3 developer runs",
      "$1.50",
      "5 minutes ago",
    ]) {
      expect(development).toContain(part);
    }
  });

  it("says what to do when there is nothing", async () => {
    const { text } = await page("/");
    for (const part of ["Nothing is being carried yet", "acme/rocket", "devbot", "doctor"]) {
      expect(text).toContain(part);
    }
  });

  it("leads on to older items and back", async () => {
    const kept = Array.from({ length: 203 }, (_, index) => ({ item: sampleItem(index + 1) }));
    const { text } = await page("/", kept);
    const older = /href="(\/\?cursor=[\w-]+)"/.exec(text)?.[1] ?? "";
    const rest = await (await app.fetch(older, { headers: basic(ADMIN) })).text();
    expect(rest.match(/<article/g)).toHaveLength(3);
    expect(rest).toContain('<a href="/">Newest</a>');
  });
});

describe("the item page", () => {
  const failed = sampleItem(1, { status: "failed", reason: "exit code 1" });

  it("shows what moves it on, its runs, and its history with the verdicts' evidence", async () => {
    const { text } = await page("/items/ET-001", [
      {
        item: failed,
        history: [
          sampleEntry({
            kind: "verdict",
            gate: "tests-local",
            passed: false,
            evidence: "12 failed",
          }),
        ],
        runs: [sampleRun("ET-001", { ending: "timed_out" })],
      },
    ]);
    for (const part of [
      "<code>/retry</code>",
      "timed out",
      "4 min 12 s",
      "not passed",
      "12 failed",
    ]) {
      expect(text).toContain(part);
    }
  });

  it("links to the tracker, but never to anything that isn't a web page", async () => {
    const good = await page("/items/ET-001", [{ item: failed }]);
    expect(good.text).toContain('href="https://git.acme.dev/acme/rocket/issues/1"');
    await app.close();
    const bad = await page("/items/ET-001", [{ item: { ...failed, url: "javascript:alert(1)" } }]);
    expect(bad.text).not.toContain("javascript:");
  });

  it("that isn't there is a 404 page", async () => {
    const { status, text } = await page(`/items/${encodeURIComponent(HOSTILE)}`);
    expect(status).toBe(404);
    expect(text).toContain(INERT);
    expect(text).not.toContain("<img");
  });
});

describe("text that others wrote", () => {
  const change = { title: HOSTILE, reason: HOSTILE, branch: HOSTILE, project: HOSTILE };
  const kept = [
    {
      item: sampleItem(1, { ...change, status: "failed", pipeline: HOSTILE }),
      history: [sampleEntry({ cause: HOSTILE, reason: HOSTILE, evidence: HOSTILE, gate: HOSTILE })],
      runs: [sampleRun("ET-001", { reason: HOSTILE, model: HOSTILE })],
      waitingOn: [HOSTILE],
    },
  ];

  it.each(["/", "/items/ET-001"])("is inert on %s", async (path) => {
    const { text } = await page(path, kept);
    expect(text).toContain(INERT);
    expect(text).not.toContain("<img");
  });

  it("can't turn the text around it", async () => {
    const { text } = await page("/", [{ item: sampleItem(1, { title: "a\u202Eb\u2066c" }) }]);
    expect(text).toContain("<bdi>a b c</bdi>");
  });
});

describe("the stylesheet", () => {
  it("is open to anybody, since the login form needs it, and is cached by its content", async () => {
    app = await operatorApp();
    const first = await app.fetch("/assets/stagecoach.css");
    expect(first.status).toBe(200);
    expect(first.headers.get("content-type")).toContain("text/css");
    const headers = { "If-None-Match": first.headers.get("etag") ?? "" };
    // `fetch` would ask for a fresh copy along with the condition.
    const again = get(`${app.url}/assets/stagecoach.css`, { headers });
    const [answer] = await once(again, "response");
    expect(answer.resume().statusCode).toBe(304);
  });
});
