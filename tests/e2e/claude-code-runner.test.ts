import { describe, expect, it } from "vitest";
import { FAKE_CLAUDE } from "../support/claude-cli.js";
import { REPO, runFleet } from "../support/running-fleet.js";

const DONE = {
  type: "result",
  subtype: "success",
  is_error: false,
  result: "Search is there.",
  total_cost_usd: 0.25,
  usage: { input_tokens: 100, cache_read_input_tokens: 900, output_tokens: 20 },
};
const TOKEN = "oauth-canary-4711";

function fleetWith(steps: readonly unknown[]) {
  return runFleet({
    projects: { [REPO]: { pipeline: "direct" } },
    file: {
      agents: {
        default: {
          runner: "claude-code",
          command: [FAKE_CLAUDE],
          env: ["FAKE_CLAUDE", "CLAUDE_CODE_OAUTH_TOKEN"],
        },
      },
    },
    environment: { FAKE_CLAUDE: JSON.stringify(steps), CLAUDE_CODE_OAUTH_TOKEN: TOKEN },
  });
}

describe("the claude CLI in a fleet", () => {
  it("carries an issue to done; its run tells model, usage and cost", async () => {
    const fleet = await fleetWith([
      { event: { type: "system", subtype: "init", model: "claude-sonnet-5-5" } },
      { write: "src/search.txt", text: "search\n" },
      { event: DONE },
    ]);
    fleet.assignedIssue({ number: 7 });
    const item = await fleet.untilItem(7, ({ status }) => status === "done");
    expect(await fleet.remote.files(item.branch)).toContain("src/search.txt");
    const [run] = await fleet.store.items.runs(item.id);
    expect(run).toMatchObject({
      ending: "succeeded",
      reason: "Search is there.",
      usage: { inputTokens: 1000, outputTokens: 20 },
      costUsd: 0.25,
    });
    expect(item).toMatchObject({ costUsd: 0.25 });
  });

  it("spends no developer run while its provider is overloaded", async () => {
    const overloaded = { ...DONE, is_error: true, api_error_status: 529, result: "Overloaded" };
    const fleet = await fleetWith([{ event: overloaded }, { exit: 1 }]);
    fleet.assignedIssue({ number: 7 });
    const item = await fleet.untilItem(7, ({ run }) => run?.ending === "transient");
    expect(item).toMatchObject({ developerRuns: 0, run: { reason: "Overloaded" } });
  });

  it("can't push the token it was given", async () => {
    const fleet = await fleetWith([{ write: "src/leak.txt", text: TOKEN }, { event: DONE }]);
    fleet.assignedIssue({ number: 7 });
    const item = await fleet.untilItem(7, ({ status }) => status === "failed");
    expect(item.run).toMatchObject({ ending: "failed" });
    expect(await fleet.remote.files(item.branch)).not.toContain("src/leak.txt");
  });
});
