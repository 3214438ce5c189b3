import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { launchBrowser } from "../support/browser.js";
import { memoryWorkItems } from "../support/memory-work-items.js";
import { LOGIN_TOKEN, operatorApp } from "../support/operator-app.js";
import { SAMPLE_LOG, sampleFleet } from "../support/sample-fleet.js";

const FOLDER = process.env.SCREENSHOTS ?? join(tmpdir(), "stagecoach-screenshots");

/**
 * Pictures of every page at phone and desktop width, light and dark, with 0, 3 and 300 items, to be
 * looked at: `npm run screenshots`. No page may scroll sideways.
 */
describe.each([0, 3, 300])("the pages with %i items", (amount) => {
  it.each([
    [360, "light"],
    [360, "dark"],
    [1280, "light"],
    [1280, "dark"],
  ] as const)("at %i pixels, %s", async (width, colorScheme) => {
    await mkdir(FOLDER, { recursive: true });
    const app = await sampleApp(amount);
    const browser = await launchBrowser();
    const page = await browser.newPage({
      baseURL: app.url,
      colorScheme,
      viewport: { width, height: 800 },
    });
    await page.goto(`/login?token=${LOGIN_TOKEN}`);
    for (const [name, path] of pages(amount)) {
      const answer = await page.goto(path);
      expect(answer?.status(), path).toBe(name === "missing" ? 404 : 200);
      await picture(page, `${name}-${amount}-${width}-${colorScheme}`);
      expect(await page.evaluate("document.documentElement.scrollWidth"), name).toBe(width);
    }
    await browser.close();
    await app.close();
  });
});

function sampleApp(amount: number) {
  const items = memoryWorkItems(sampleFleet(amount));
  const runLogs = { read: async () => SAMPLE_LOG, readFrom: async () => "" };
  return operatorApp({ items, runLogs });
}

function pages(amount: number): readonly (readonly [string, string])[] {
  const always = [
    ["overview", "/"],
    ["graph", "/graph"],
  ] as const;
  if (amount === 0) return [...always, ["login", "/login"], ["missing", "/items/ET-404"]];
  return [
    ...always,
    ["item", "/items/ET-001"],
    ["waiting-item", "/items/ET-002"],
    ["retry", "/items/ET-002/retry"],
    ["run", "/items/ET-001/runs/ET-001-v3-a2"],
  ];
}

async function picture(page: Page, name: string): Promise<void> {
  const height = await page.evaluate("document.documentElement.scrollHeight");
  const path = join(FOLDER, `${name}.png`);
  await page.screenshot({ path, fullPage: Number(height) < 4_000 });
}
