import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { describe, it, onTestFinished } from "vitest";
import { type Agent, failing } from "../support/agents.js";
import { memoryWorkItems } from "../support/memory-work-items.js";
import { ADMIN, basic, operatorApp } from "../support/operator-app.js";
import { runFleet } from "../support/running-fleet.js";
import { SAMPLE_LOG, sampleFleet, sampleGraph } from "../support/sample-fleet.js";
import { visitor } from "../support/visitor.js";

const FOLDER = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));
const PATIENCE = { timeout: 45_000 };
/** Ages and durations are the same whenever the pictures are taken. */
const NOW = new Date("2026-03-01T10:00:00Z");
const DESKTOP = {
  timezoneId: "UTC",
  viewport: { width: 1180, height: 720 },
  colorScheme: "light",
} as const;
const PHONE = {
  timezoneId: "UTC",
  viewport: { width: 360, height: 740 },
  colorScheme: "dark",
} as const;

/**
 * The pictures that README and docs/ show: `npm run screenshots`. Taken twice on one machine they are
 * the same to the byte; another machine's fonts make others, so renew them when the pages change.
 */
describe("the pictures of the documentation", { timeout: 120_000 }, () => {
  it.each([
    ["overview", "/", DESKTOP, sampleFleet(16, NOW)],
    ["overview-phone", "/", PHONE, sampleFleet(16, NOW)],
    ["item", "/items/ET-006", DESKTOP, sampleFleet(16, NOW)],
    ["graph", "/graph", DESKTOP, sampleGraph(22, NOW)],
  ] as const)("%s", async (name, path, look, items) => {
    const app = await operatorApp({
      items: memoryWorkItems(items),
      runLogs: { read: async () => SAMPLE_LOG, readFrom: async () => "" },
      clock: () => NOW,
    });
    onTestFinished(app.close);
    // A session of that day would be over in a browser of today.
    const extraHTTPHeaders = basic(ADMIN);
    const { page } = await visitor(`${app.url}${path}`, { ...look, extraHTTPHeaders });
    await page.getByText("live", { exact: true }).waitFor(PATIENCE);
    await take(page, name);
  });

  it("board", async () => {
    const fleet = await runFleet({ agents: { developer: withoutCompiler } });
    fleet.assignedIssue({ number: 7, title: "Fuel gauge" });
    await fleet.untilItem(7, ({ status }) => status === "failed");
    await fleet.untilQuiet();
    const { page } = await visitor(fleet.receiver.loginUrl, DESKTOP);
    await page.route(/\/board\/api\/queues/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: ofThatDay(await response.text()) });
    });
    await page.clock.setFixedTime(NOW);
    await page.goto("/board/queue/runs?status=failed");
    await page.getByText("ET-001 development: run").first().waitFor(PATIENCE);
    await page.getByText("Logs", { exact: true }).click();
    await page.getByText("a compiler is needed").first().waitFor(PATIENCE);
    await take(page, "board");
  });
});

const withoutCompiler: Agent = async (context) => {
  context.log(
    "Reading docs/work-items/ET-001/\nsrc/gauge.c: added\nmake: cc: No such file or directory\n",
  );
  context.log("The gauge can't be built here: a compiler is needed.\n");
  return failing("there is no compiler");
};

/** The times of jobs, which would be another picture each time. */
function ofThatDay(answer: string): string {
  const minutes = { timestamp: 9, processedOn: 8, finishedOn: 2 };
  return Object.entries(minutes).reduce(
    (text, [name, ago]) =>
      text.replace(new RegExp(`"${name}":\\d+`, "g"), `"${name}":${NOW.getTime() - ago * 60_000}`),
    answer,
  );
}

async function take(page: Page, name: string): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(`${FOLDER}${name}.png`, await page.screenshot({ animations: "disabled" }));
}
