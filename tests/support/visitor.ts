import axe, { type AxeResults } from "axe-core";
import type { BrowserContextOptions, Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { CHROMIUM, launchBrowser } from "./browser.js";

/** Follows the name of a suite that is skipped without a browser. */
export const SKIPPED = CHROMIUM === null ? " (skipped: there is no Chromium on PATH)" : "";

export interface Visitor {
  readonly page: Page;
  /** Dialogs, faults of scripts, refusals by the policy, and requests to other hosts: all unwanted. */
  readonly unwanted: readonly string[];
}

/** Somebody with a browser, logged in by `loginUrl`. The browser closes when the test ends. */
export async function visitor(
  loginUrl: string,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const { origin } = new URL(loginUrl);
  const context = await browser.newContext({ baseURL: origin, ...options });
  const page = await context.newPage();
  const unwanted: string[] = [];
  page.on("dialog", async (dialog) => {
    unwanted.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on("pageerror", (error) => unwanted.push(`fault: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") unwanted.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    const own = url.origin === origin || url.protocol === "data:";
    if (!own || url.pathname.endsWith("/x")) unwanted.push(`request: ${request.url()}`);
  });
  await page.goto(loginUrl);
  return { page, unwanted };
}

/** What axe finds on the page that keeps somebody from using it, as `rule: element`. */
export async function seriousFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const found: AxeResults = await page.evaluate("axe.run(document)");
  if (found.passes.length === 0) throw new Error("axe looked at nothing");
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
