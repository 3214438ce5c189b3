import { describe, expect, it, onTestFinished } from "vitest";
import { CHROMIUM } from "../support/browser.js";
import { type KeptItem, memoryWorkItems } from "../support/memory-work-items.js";
import { LOGIN_TOKEN, operatorApp } from "../support/operator-app.js";
import { SAMPLE_LOG, sampleFleet } from "../support/sample-fleet.js";
import { SKIPPED, seriousFaults, visitor } from "../support/visitor.js";

const PATHS = [
  "/",
  "/graph",
  "/graph?size=whole",
  "/items/ET-001",
  "/items/ET-002",
  "/items/ET-001/retry",
  "/items/ET-001/runs/ET-001-v3-a2",
  "/items/ET-404",
  "/login",
];
const HOSTILE = `<img src=x onerror=alert(1)>`;

async function start(kept: readonly KeptItem[]) {
  const runLogs = { read: async () => SAMPLE_LOG, readFrom: async () => "" };
  const app = await operatorApp({ items: memoryWorkItems(kept), runLogs });
  onTestFinished(app.close);
  return `${app.url}/login?token=${LOGIN_TOKEN}`;
}

describe.skipIf(CHROMIUM === null)(`in a browser${SKIPPED}`, () => {
  it.each(["light", "dark"] as const)("no page keeps anybody out, %s", async (colorScheme) => {
    const login = await start(sampleFleet(30));
    const { page } = await visitor(login, { colorScheme });
    for (const path of PATHS) {
      await page.goto(path);
      for (const closed of await page.locator("details:not([open]) > summary").all()) {
        await closed.click();
      }
      expect(await seriousFaults(page), path).toEqual([]);
    }
  });

  it("an empty overview keeps nobody out", async () => {
    const { page } = await visitor(await start([]));
    expect(await seriousFaults(page)).toEqual([]);
  });

  it("each page is whole without its script, and asks for nothing elsewhere", async () => {
    const login = await start(sampleFleet(30));
    const { page, unwanted } = await visitor(login, { javaScriptEnabled: false });
    const seen: Record<string, string> = {};
    for (const path of PATHS) {
      await page.goto(path);
      seen[path] = await page.locator("main").innerText();
    }
    expect(seen["/"]).toContain("30 items");
    expect(seen["/graph"]).toContain("ET-001");
    expect(seen["/items/ET-001"]).toContain("step 139");
    expect(seen["/items/ET-001/runs/ET-001-v3-a2"]).toContain("step 0");
    expect(unwanted.filter((each) => !each.includes("404"))).toEqual([]);
  });

  it("the filters work by keyboard and without a script", async () => {
    const login = await start(sampleFleet(30));
    const { page } = await visitor(login, { javaScriptEnabled: false });
    await page.getByLabel("Status").focus();
    await page.keyboard.type("failed");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForURL(/status=failed/);
    expect(new Set(await page.locator(".stages .pill").allInnerTexts())).toEqual(
      new Set(["failed"]),
    );
  });

  it.each([360, 1280])("no page scrolls sideways at %i pixels", async (width) => {
    const login = await start(sampleFleet(300));
    const { page } = await visitor(login, { viewport: { width, height: 800 } });
    for (const path of PATHS) {
      await page.goto(path);
      expect(await page.evaluate("document.documentElement.scrollWidth"), path).toBe(width);
    }
  });

  it("text that others wrote does nothing on any page", async () => {
    const kept = sampleFleet(9).map((each) => ({
      ...each,
      item: { ...each.item, title: HOSTILE, reason: HOSTILE, branch: HOSTILE },
      runs: each.runs?.map((run) => ({ ...run, reason: HOSTILE, model: HOSTILE })) ?? [],
      history: each.history?.map((entry) => ({ ...entry, evidence: HOSTILE })) ?? [],
    }));
    const { page, unwanted } = await visitor(await start(kept));
    for (const path of PATHS.filter((each) => each !== "/items/ET-404")) {
      await page.goto(path);
      expect(await page.locator("img").count(), path).toBe(0);
    }
    expect(unwanted).toEqual([]);
  });
});
