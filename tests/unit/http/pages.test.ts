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

let app: OperatorApp | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function page(path: string, kept: readonly KeptItem[] = []) {
  const clock = () => new Date("2026-03-01T09:35:00Z");
  const fleet = {
    bot: "devbot",
    projects: [
      { name: "rocket", repo: "acme/rocket" },
      { name: "lander", repo: "acme/lander" },
    ],
    limits: { developerRuns: 3 },
  };
  await app?.close();
  app = await operatorApp({ items: memoryWorkItems(kept), clock, fleet });
  const response = await app.fetch(path, { headers: basic(ADMIN) });
  return { status: response.status, text: await response.text() };
}

function opened(): OperatorApp {
  if (app === undefined) throw new Error("no page was asked for");
  return app;
}

/** The part of the overview under a stage's heading. */
const column = (text: string, stage: string) =>
  text.split('<section class="stage').find((part) => part.includes(`id="column-${stage}"`)) ?? "";

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
    expect(development).not.toContain("card-ET-001");
    for (const part of [
      'href="/items/ET-002"',
      "acme/rocket#2",
      "Task 2",
      "waiting",
      "one blocker",
      'waits for <a href="/items/ET-001">acme/rocket#1</a>',
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
    const kept = Array.from({ length: 303 }, (_, index) => ({ item: sampleItem(index + 1) }));
    const { text } = await page("/", kept);
    const older = /href="(\/\?cursor=[\w-]+)"/.exec(text)?.[1] ?? "";
    const rest = await (await opened().fetch(older, { headers: basic(ADMIN) })).text();
    expect(rest.match(/<article/g)).toHaveLength(3);
    expect(rest).toContain('<a href="/">Newest</a>');
  });
});

describe("the overview's filters", () => {
  const kept = [
    { item: sampleItem(1, { stage: "done", status: "done" }) },
    { item: sampleItem(2, { status: "failed" }) },
    { item: sampleItem(3, { status: "running", project: "lander" }) },
  ];
  const shown = (text: string) => [...text.matchAll(/id="card-(ET-\d+)"/g)].map(([, id]) => id);

  it.each([
    ["/", ["ET-003", "ET-002", "ET-001"]],
    ["/?status=failed", ["ET-002"]],
    ["/?status=open", ["ET-003", "ET-002"]],
    ["/?project=rocket&status=", ["ET-002", "ET-001"]],
    ["/?project=rocket&status=running", []],
    ["/?project=nobodys&status=strange", ["ET-003", "ET-002", "ET-001"]],
  ])("%s shows what fits", async (path, expected) => {
    const { status, text } = await page(path, kept);
    expect(status).toBe(200);
    expect(shown(text).sort()).toEqual(expected.sort());
    if (expected.length === 0) expect(text).toContain("No item fits");
  });

  it("look behind the first page, and are kept by the link to older items", async () => {
    const many = Array.from({ length: 700 }, (_, index) => ({
      item: sampleItem(index + 1, { status: index < 350 ? "failed" : "running" }),
    }));
    const { text } = await page("/?status=failed", many);
    expect(shown(text)).toHaveLength(350);
    const { text: running } = await page("/?status=running", many);
    expect(running).toMatch(/href="\/\?status=running&amp;cursor=[\w-]+">Older/);
  });

  it("count what is shown by status and stage", async () => {
    const { text } = await page("/", kept);
    expect(text).toMatch(/href="\/\?status=failed"><span[^>]*>failed<\/span> <span>1<\/span></);
    expect(text).toContain('href="#stage-development">development 2<');
    expect(text).toContain("3 items");
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

  it.each(["/", "/graph", "/items/ET-001"])("is inert on %s", async (path) => {
    const { text } = await page(path, kept);
    expect(text).toContain(path === "/graph" ? INERT.slice(0, 8) : INERT);
    expect(text).not.toContain("<img");
  });

  it("can't turn the text around it", async () => {
    const { text } = await page("/", [{ item: sampleItem(1, { title: "a\u202Eb\u2066c" }) }]);
    expect(text).toContain("<bdi>a b c</bdi>");
  });
});

describe("the graph", () => {
  it("draws who waits for whom, and says the same as a list", async () => {
    const { text } = await page("/graph", [
      { item: sampleItem(1) },
      { item: sampleItem(2, { status: "waiting" }), waitingOn: [sampleKey(1), sampleKey(99)] },
    ]);
    expect(text.match(/class="edge"/g)).toHaveLength(2);
    for (const part of [
      '<a href="/items/ET-001" id="node-ET-001">',
      "▶ running · development",
      "○ waiting · development",
      "not carried here",
      "acme/rocket#99, which isn't carried here".replace("'", "&#39;"),
    ]) {
      expect(text.replaceAll("'", "&#39;")).toContain(part);
    }
  });

  it("shows a large one in its real size, or as a whole", async () => {
    const chain = Array.from({ length: 8 }, (_, index) => ({
      item: sampleItem(index + 2, { status: "waiting" }),
      waitingOn: [sampleKey(index + 1)],
    }));
    const real = await page("/graph", chain);
    expect(real.text).toContain('<a href="/graph?size=whole">');
    expect(real.text).not.toContain("graph entire");
    const whole = await page("/graph?size=whole", chain);
    expect(whole.text).toContain('class="graph entire"');
    expect((await page("/graph", chain.slice(0, 1))).text).not.toContain("size=whole");
  });

  it("says so when nobody waits", async () => {
    expect((await page("/graph", [{ item: sampleItem(1) }])).text).toContain("Nobody waits");
  });
});

describe("the pages' scripts", () => {
  const policyOf = async (path: string) => {
    const kept = [{ item: sampleItem(1), runs: [sampleRun("ET-001")] }];
    app = await operatorApp({ items: memoryWorkItems(kept) });
    const { headers } = await app.fetch(path, { headers: basic(ADMIN) });
    return headers.get("content-security-policy") ?? "";
  };

  it.each(["/", "/graph", "/items/ET-001", "/items/ET-001/runs/ET-001-v3-a1"])(
    "come from this host alone on %s",
    async (path) => {
      const policy = await policyOf(path);
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("connect-src 'self'");
    },
  );

  it.each(["/login", "/items/ET-001/retry"])("are forbidden on %s", async (path) => {
    expect(await policyOf(path)).toContain("script-src 'none'");
  });

  it.each(["live.js", "patch.js"])("are served: %s", async (name) => {
    app = await operatorApp();
    const response = await app.fetch(`/assets/${name}`);
    expect(response.headers.get("content-type")).toContain("javascript");
    expect((await app.fetch(`/assets/no-${name}`)).status).toBe(401);
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
