import { describe, expect, it, onTestFinished } from "vitest";
import { type FakeAnthropic, startFakeAnthropic, toolUses } from "../support/fake-anthropic.js";
import { type RunningFleet, runFleet } from "../support/running-fleet.js";

const KEY = "sk-ant-canary-of-the-fleet";
const LIMIT_S = 3;

async function fleetWithModel(): Promise<{ fleet: RunningFleet; api: FakeAnthropic }> {
  const api = await startFakeAnthropic(KEY);
  onTestFinished(() => api.close());
  const fleet = await runFleet({
    environment: { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: api.url },
    file: {
      agents: { default: { runner: "anthropic", model: "sonnet", env: ["ANTHROPIC_API_KEY"] } },
      gates: { "tests-local": { command: ["grep", "-q", "found", "src/search.js"] } },
    },
  });
  return { fleet, api };
}

/** A developer that looks around, writes a file, tries it and says so. */
function develop(api: FakeAnthropic): void {
  api.script(
    toolUses(["read", { file_path: "README.md" }], ["bash", { command: "env" }]),
    toolUses(["write", { file_path: "src/search.js", content: 'console.log("lost");\n' }]),
    toolUses(
      ["edit", { file_path: "src/search.js", old_string: "lost", new_string: "found" }],
      ["bash", { command: "cat src/search.js" }],
    ),
    { kind: "text", text: "Search is there." },
  );
}

describe("a fleet whose agents are models", () => {
  it("carries an issue to done by a model that edits files by tools", async () => {
    const { fleet, api } = await fleetWithModel();
    develop(api);
    fleet.assignedIssue({ number: 7, title: "Add search", body: "Searching is missing." });
    const item = await fleet.untilItem(7, ({ status }) => status === "done");
    await fleet.untilQuiet();
    expect(item).toMatchObject({ developerRuns: 1 });
    expect(await fleet.remote.read(item.branch, "src/search.js")).toBe('console.log("found");\n');
    expect(JSON.stringify(api.requests[0])).toContain("Searching is missing.");

    const [run] = await fleet.store.items.runs(item.id);
    expect(run).toMatchObject({
      ending: "succeeded",
      model: "claude-sonnet-5-5",
      usage: { inputTokens: 4 * 3_100, outputTokens: 4 * 20 },
      costUsd: expect.closeTo((4 * (1_550 * 3 + 20 * 15)) / 1e6, 9),
    });
    expect(JSON.stringify([api.requests, run, item])).not.toContain(KEY);
  });

  it("waits out a limit the provider named, goes on by itself, and spends no developer run", async () => {
    const { fleet, api } = await fleetWithModel();
    api.script({ kind: "error", status: 429, retryAfter: LIMIT_S });
    develop(api);
    const before = Date.now();
    fleet.assignedIssue({ number: 8 });
    const paused = await fleet.untilItem(8, ({ status }) => status === "paused");
    expect(paused).toMatchObject({ developerRuns: 0, stage: "development" });
    const item = await fleet.untilItem(8, ({ status }) => status === "done");
    await fleet.untilQuiet();
    expect(Date.now() - before).toBeGreaterThanOrEqual(LIMIT_S * 1_000);
    expect(item.developerRuns).toBe(1);
    const endings = (await fleet.store.items.runs(item.id)).map(({ ending }) => ending);
    expect(endings.sort()).toEqual(["limited", "succeeded"]);
    expect(api.calls()).toBe(5);
  });
});
