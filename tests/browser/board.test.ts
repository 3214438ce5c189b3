import { once } from "node:events";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { Queue, Worker } from "bullmq";
import { describe, expect, it, onTestFinished } from "vitest";
import { failing } from "../support/agents.js";
import { CHROMIUM } from "../support/browser.js";
import { LOGIN_TOKEN, operatorApp, VIEWER } from "../support/operator-app.js";
import { startRedis, uniquePrefix } from "../support/redis.js";
import { runFleet } from "../support/running-fleet.js";
import { SKIPPED, seriousFaults, visitor } from "../support/visitor.js";

const PATIENCE = { timeout: 45_000 };
const DAY_MS = 86_400_000;

/** Leaves a job that failed for good. */
async function fail(queue: Queue): Promise<void> {
  const { name, opts } = queue;
  const settings = { connection: opts.connection, prefix: opts.prefix ?? "" };
  const worker = new Worker(name, () => Promise.reject(new Error("no compiler")), settings);
  const failed = once(worker, "failed");
  await queue.add("a failed job", {});
  await failed;
  await worker.close();
}

/** The board of a queue that nobody works on, with a job of each kind that waits. */
async function waitingBoard() {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const queue = new Queue("runs", { connection: { url: redis.url }, prefix: uniquePrefix() });
  onTestFinished(async () => {
    await queue.obliterate({ force: true });
    await queue.close();
  });
  await fail(queue);
  await queue.add("a delayed job", {}, { delay: DAY_MS });
  await queue.add("a waiting job", {});
  await queue.add("prioritized", {}, { priority: 2 });
  await queue.upsertJobScheduler("nightly", { every: DAY_MS }, { name: "sweep" });
  const app = await operatorApp({ board: [new BullMQAdapter(queue)] });
  onTestFinished(app.close);
  return `${app.url}/login?token=${LOGIN_TOKEN}`;
}

/** The board of queues with a job of each kind, failed ones too, as who may only look sees it. */
async function viewersBoard() {
  const { page } = await visitor(await waitingBoard(), {});
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByLabel("Name").fill(VIEWER.username);
  await page.getByLabel("Password").fill(VIEWER.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByText("vic (read-only)").waitFor(PATIENCE);
  return page;
}

describe.skipIf(CHROMIUM === null)(
  `Bull Board in a browser${SKIPPED}`,
  { timeout: 180_000 },
  () => {
    it.each(["light", "dark"] as const)("offers only what it may do, %s", async (colorScheme) => {
      const fleet = await runFleet({ agents: { developer: async () => failing("no compiler") } });
      fleet.assignedIssue({ number: 7, title: "Fuel gauge" });
      await fleet.untilItem(7, ({ status }) => status === "failed");
      await fleet.untilQuiet();
      const { page } = await visitor(fleet.receiver.loginUrl, { colorScheme });

      await page.goto("/board");
      await page.getByText("1 Job", { exact: true }).first().waitFor(PATIENCE);
      expect(await seriousFaults(page)).toEqual([]);

      await page.goto("/board/queue/runs?status=failed");
      await page.getByText("ET-001 development: run").first().waitFor(PATIENCE);
      expect(await page.locator('[class*="jobActions-"] li:visible').count()).toBe(1);
      await page.getByRole("button", { name: "Retry", exact: true }).waitFor(PATIENCE);
      expect(
        await page
          .getByText(/^(Retry|Clean) all/)
          .filter({ visible: true })
          .count(),
      ).toBe(0);
      expect(await seriousFaults(page)).toEqual([]);

      await page.getByRole("button", { name: "More" }).click();
      await page.getByRole("menuitem", { name: "Pause" }).waitFor(PATIENCE);
      expect(await page.getByRole("menuitem").allInnerTexts()).toEqual(["Pause"]);
    });

    it.each([
      ["delayed", ["Promote"]],
      ["waiting", []],
      ["prioritized", []],
    ])("offers for a %s job %j", async (status, offered) => {
      const { page } = await visitor(await waitingBoard());
      await page.goto(`/board/queue/runs?status=${status}`);
      const actions = page.locator('[class*="jobActions-"]').first();
      await actions.waitFor({ ...PATIENCE, state: "attached" });
      const buttons = actions.getByRole("button");
      const names = await buttons.evaluateAll((all) => all.map((each) => each.ariaLabel));
      expect(names).toEqual(offered);
    });

    it.each(["failed", "delayed", "waiting"])(
      "offers a viewer nothing for a %s job",
      async (status) => {
        const page = await viewersBoard();
        await page.goto(`/board/queue/runs?status=${status}`);
        await page.getByText(`a ${status} job`).first().waitFor(PATIENCE);
        const buttons = page.getByRole("button").filter({ visible: true });
        const names = await buttons.evaluateAll((all) =>
          all.map((each) => each.ariaLabel ?? each.textContent),
        );
        expect(names.filter((name) => /retry|promote|pause|resume|more|clean/i.test(name))).toEqual(
          [],
        );
        expect(await page.getByRole("menuitem").count()).toBe(0);
      },
    );
  },
);
