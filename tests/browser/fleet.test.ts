import { describe, expect, it } from "vitest";
import { startReceiver } from "../../src/cli/wiring/receiver.js";
import type { RunContext } from "../../src/engine/runner.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { type Agent, failing } from "../support/agents.js";
import { CHROMIUM } from "../support/browser.js";
import { runFleet } from "../support/running-fleet.js";
import { SKIPPED, visitor } from "../support/visitor.js";

/** What a test waits for at most, in ms; the machine may be busy. */
const PATIENCE = { timeout: 45_000 };
const HOSTILE = `<img src=x onerror=alert(1)>`;

/** A developer that works until it is let go. */
function heldAgent() {
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let begun: (context: RunContext) => void = () => {};
  const started = new Promise<RunContext>((resolve) => {
    begun = resolve;
  });
  const agent: Agent = async (context) => {
    begun(context);
    await held;
    return undefined;
  };
  return { agent, started, letGo };
}

/** Set on the page, gone after a reload. */
const MARK = "document.body.dataset.mark = 'still the same page'";
const MARKED = "body[data-mark]";

describe.skipIf(CHROMIUM === null)(`a fleet in a browser${SKIPPED}`, { timeout: 180_000 }, () => {
  it("shows an item come, move and finish without a reload", async () => {
    const { agent, started, letGo } = heldAgent();
    const fleet = await runFleet({ agents: { developer: agent } });
    const { page, unwanted } = await visitor(fleet.receiver.loginUrl);
    await page.getByText("Nothing is being carried yet").waitFor();
    await page.locator("#live", { hasText: /^live$/ }).waitFor(PATIENCE);
    await page.evaluate(MARK);

    fleet.assignedIssue({ number: 7, title: "Fuel gauge" });
    await started;
    await page.locator("#news", { hasText: "ET-001: development, running" }).waitFor(PATIENCE);
    const card = (stage: string) => page.locator(`#column-${stage} #card-ET-001`);
    await card("development").getByText("running", { exact: true }).waitFor(PATIENCE);
    await page.getByRole("link", { name: "Fuel gauge" }).focus();

    letGo();
    await page.locator("#news", { hasText: "ET-001: done, done" }).waitFor(PATIENCE);
    await card("done").getByText("done", { exact: true }).waitFor(PATIENCE);
    expect(await page.locator(MARKED).count()).toBe(1);
    expect(await page.evaluate("document.activeElement.id")).toBe("open-ET-001");
    expect(unwanted).toEqual([]);
  });

  it("follows what an agent prints, on the item's page and the run's", async () => {
    const { agent, started, letGo } = heldAgent();
    const fleet = await runFleet({ agents: { developer: agent } });
    fleet.assignedIssue({ number: 7, title: "Fuel gauge" });
    const context = await started;
    await fleet.untilItem(7, ({ run }) => run !== null);
    const { page, unwanted } = await visitor(fleet.receiver.loginUrl);
    await page.getByRole("link", { name: "Fuel gauge" }).click();
    await page.getByRole("heading", { name: "What its agent prints" }).waitFor(PATIENCE);
    await page.evaluate(MARK);

    context.log("looking at the tank\n");
    const log = page.locator("pre.log");
    await log.getByText("looking at the tank").waitFor(PATIENCE);
    context.log(`then ${HOSTILE}\n`);
    await log.getByText(`then ${HOSTILE}`).waitFor(PATIENCE);
    expect(await log.innerText()).toBe(`looking at the tank\nthen ${HOSTILE}\n`);
    expect(await page.locator(MARKED).count()).toBe(1);

    await page.getByRole("link", { name: "Whole log" }).click();
    await log.getByText("looking at the tank").waitFor(PATIENCE);
    context.log("done with it\n");
    await log.getByText("done with it").waitFor(PATIENCE);
    letGo();
    await page.locator(".heading .pill", { hasText: "succeeded" }).waitFor(PATIENCE);
    expect(await log.innerText()).toContain("done with it");
    expect(unwanted).toEqual([]);
  });

  it("goes on with an item whose failed agent is retried in Bull Board", async () => {
    let broken = true;
    const developer: Agent = async () => (broken ? failing("no compiler") : undefined);
    const fleet = await runFleet({ agents: { developer } });
    fleet.assignedIssue({ number: 7, title: "Fuel gauge" });
    await fleet.untilItem(7, ({ status }) => status === "failed");
    await fleet.untilQuiet();
    const { page } = await visitor(fleet.receiver.loginUrl);
    await page.goto("/board/queue/runs?status=failed");
    await page.getByText("ET-001 development: run").first().waitFor(PATIENCE);
    const itemPage = await page.context().newPage();
    await itemPage.goto("/items/ET-001");
    await itemPage.locator(".heading .pill", { hasText: "failed" }).waitFor(PATIENCE);

    broken = false;
    await page.getByRole("button", { name: "Retry", exact: true }).click();
    await page.getByRole("button", { name: "Confirm" }).click();
    await itemPage.bringToFront();
    await itemPage.locator(".heading .pill", { hasText: "done" }).waitFor(PATIENCE);
    expect(fleet.started).toHaveLength(2);
  });

  it("does nothing of what an issue's title says, on our pages and in Bull Board", async () => {
    const fleet = await runFleet({ agents: { developer: async () => failing(HOSTILE) } });
    fleet.assignedIssue({ number: 7, title: HOSTILE });
    await fleet.untilItem(7, ({ status }) => status === "failed");
    await fleet.untilQuiet();
    const { page, unwanted } = await visitor(fleet.receiver.loginUrl);
    for (const path of ["/", "/graph", "/items/ET-001", "/items/ET-001/retry"]) {
      await page.goto(path);
      await page.locator("main").waitFor();
      expect(await page.locator("img").count(), path).toBe(0);
    }
    expect(unwanted).toEqual([]);
    await page.goto("/board/queue/runs?status=failed");
    await page.getByText("ET-001 development: run").first().waitFor(PATIENCE);
    expect(await page.locator("img[src=x]").count()).toBe(0);
    expect(unwanted.filter((each) => /^(dialog|request)/.test(each))).toEqual([]);
  });

  it("lets its receiver go while pages are open", async () => {
    const fleet = await runFleet({ workers: [] });
    const another = await startReceiver(fleet.parts.config, fleet.store, silentLogger());
    const { page } = await visitor(another.loginUrl);
    await page.locator("#live", { hasText: /^live$/ }).waitFor(PATIENCE);
    const before = Date.now();
    await another.close();
    expect(Date.now() - before).toBeLessThan(4_000);
    await page.locator("#live", { hasText: "not live" }).waitFor(PATIENCE);
  });
});
