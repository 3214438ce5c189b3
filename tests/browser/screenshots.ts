import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { launchBrowser } from "../support/browser.js";
import { type KeptItem, memoryWorkItems } from "../support/memory-work-items.js";
import { form, LOGIN_TOKEN, operatorApp, VIEWER } from "../support/operator-app.js";
import { SAMPLE_LOG, sampleFleet, sampleGraph } from "../support/sample-fleet.js";

const FOLDER = process.env.SCREENSHOTS ?? join(tmpdir(), "stagecoach-screenshots");
const LONG_TITLE = `${"Überarbeitung der Treibstoffanzeigegenauigkeitsprüfung ".repeat(4)}${"x".repeat(120)}`;
const LONG_LOG = SAMPLE_LOG.repeat(30) + "unbroken/".repeat(400);

interface Fleet {
  readonly items: readonly KeptItem[];
  readonly log?: string;
  /** Name of the picture and path. */
  readonly pages: readonly (readonly [string, string])[];
}

const ALWAYS = [
  ["overview", "/"],
  ["graph", "/graph"],
] as const;
const ITEMS = [
  ...ALWAYS,
  ["item", "/items/ET-001"],
  ["waiting-item", "/items/ET-002"],
  ["retry", "/items/ET-002/retry"],
  ["cancel", "/items/ET-001/cancel"],
  ["run", "/items/ET-001/runs/ET-001-v3-a2"],
] as const;

const FLEETS: Readonly<Record<string, Fleet>> = {
  empty: {
    items: [],
    pages: [
      ...ALWAYS,
      ["login", "/login"],
      ["missing", "/items/ET-404"],
      ["stale-link", "/login?token=old"],
    ],
  },
  "3": { items: sampleFleet(3), pages: ITEMS },
  "16": {
    items: sampleFleet(16),
    pages: [...ITEMS, ["asked", "/items/ET-005"], ["failed", "/items/ET-006"]],
  },
  "300": { items: sampleFleet(300), pages: [...ITEMS, ["filtered", "/?status=failed"]] },
  graph100: {
    items: sampleGraph(100),
    pages: [
      ["graph", "/graph"],
      ["whole", "/graph?size=whole"],
    ],
  },
  long: {
    items: sampleFleet(16).map(tedious),
    log: LONG_LOG,
    pages: ITEMS,
  },
};

/**
 * Pictures of every page at phone and desktop width, light and dark, from empty to full, to be looked
 * at: `npm run screenshots`. No page may scroll sideways.
 */
describe.each(Object.keys(FLEETS))("the pages of a fleet: %s", (name) => {
  it.each([
    [360, "light"],
    [360, "dark"],
    [1280, "light"],
    [1280, "dark"],
  ] as const)("at %i pixels, %s", async (width, colorScheme) => {
    await mkdir(FOLDER, { recursive: true });
    const { items, pages, log = SAMPLE_LOG } = FLEETS[name] ?? { items: [], pages: [] };
    const app = await operatorApp({
      items: memoryWorkItems(items),
      runLogs: { read: async () => log, readFrom: async () => "" },
    });
    const browser = await launchBrowser();
    const viewport = { width, height: 800 };
    const page = await browser.newPage({ baseURL: app.url, colorScheme, viewport });
    await page.goto(`/login?token=${LOGIN_TOKEN}`);
    for (const [what, path] of pages) {
      await page.goto(path);
      await picture(page, `${what}-${name}-${width}-${colorScheme}`);
      expect(await page.evaluate("document.documentElement.scrollWidth"), what).toBe(width);
    }
    if (name === "16") await refused(page, app.url, `refused-${width}-${colorScheme}`);
    await browser.close();
    await app.close();
  });
});

/** What a viewer meets who sends a command all the same, and the item's page as they see it. */
async function refused(page: Page, url: string, name: string): Promise<void> {
  const session = await fetch(`${url}/login`, { ...form(VIEWER), redirect: "manual" });
  const [cookie = ""] = session.headers.getSetCookie();
  const value = /=([^;]+)/.exec(cookie)?.[1] ?? "";
  await page.context().addCookies([{ name: "stagecoach_session", value, url }]);
  await page.goto("/items/ET-001/retry");
  await page.getByRole("button", { name: "Retry" }).click();
  await picture(page, name);
  await page.goto("/items/ET-001");
  await picture(page, `viewer-${name}`);
}

function tedious(kept: KeptItem): KeptItem {
  const history = Array.from({ length: 40 }, () => kept.history ?? []).flat();
  const item = { ...kept.item, title: LONG_TITLE, reason: `${kept.item.reason} ${LONG_TITLE}` };
  return { ...kept, item, history };
}

async function picture(page: Page, name: string): Promise<void> {
  const height = await page.evaluate("document.documentElement.scrollHeight");
  const path = join(FOLDER, `${name}.png`);
  await page.screenshot({ path, fullPage: Number(height) < 4_000 });
}
