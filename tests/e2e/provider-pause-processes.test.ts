import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeAnthropic, startFakeAnthropic, toolUses } from "../support/fake-anthropic.js";
import { BOT, openProcessFleet, type ProcessFleet, REPO } from "../support/process-fleet.js";
import { killProcesses, type Running, until } from "../support/processes.js";

const KEY = "sk-ant-canary-of-the-processes";
const LIMIT_S = 20;
const model = (id: string, provider: string) => ({
  ...{ id, provider },
  ...{ usdPerMillionInput: 3, usdPerMillionOutput: 15 },
});

let fleet: ProcessFleet;
let api: FakeAnthropic;
/** When a request of which model came, and whether it was let through. */
let asked: { readonly at: number; readonly model: string; readonly limited: boolean }[];

beforeEach(async () => {
  api = await startFakeAnthropic(KEY);
  fleet = await openProcessFleet({ ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: api.url });
  await fleet.derive(join(fleet.folder, "stagecoach.yaml"), {
    projects: [
      {
        ...{ name: "rocket", repo: REPO, remote: fleet.remote.path, pipeline: "direct" },
        maxConcurrentRuns: 4,
      },
    ],
    agents: { default: { runner: "anthropic", model: "assigned", sandbox: "none" } },
    models: {
      sonnet: model("claude-sonnet-5-5", "first"),
      opus: model("claude-opus-5-5", "second"),
    },
  });
  asked = [];
  api.otherwise((request) => {
    const name = String(request.model);
    const limited = name.includes("sonnet") && !asked.some((earlier) => earlier.limited);
    asked.push({ at: Date.now(), model: name, limited });
    if (limited) return { kind: "error", status: 429, retryAfter: LIMIT_S };
    return JSON.stringify(request.messages).includes("tool_result")
      ? { kind: "text", text: "It is noted." }
      : toolUses(["write", { file_path: "notes/noted.txt", content: "noted\n" }]);
  });
});

afterEach(async () => {
  await killProcesses();
  await fleet.remove();
  await api.close();
});

function issue(title: string, body: string): void {
  fleet.gitea.addIssue({ repo: REPO, title, body, assignees: [BOT] });
}

function runsOf(agent: Running): string[] {
  return agent.log().flatMap((line) => (line.msg === "run starts" ? [String(line.run)] : []));
}

describe("a provider's limit met by one of two agent workers", { timeout: 240_000 }, () => {
  it("pauses that provider for both, lets the other go on, ends by itself and spends nothing", async () => {
    const receiver = fleet.start("receiver");
    const kinds = ["parser", "stage", "notifier"] as const;
    const others = kinds.map((kind) => fleet.start(kind));
    const agents = [fleet.start("cli", "worker", "agent", "--concurrency", "1")];
    agents.push(fleet.start("cli", "worker", "agent", "--concurrency", "1"));
    await fleet.hookTo(receiver);
    await Promise.all(others.map((other, at) => other.logged(`${kinds[at]} worker is up`)));
    await Promise.all(agents.map((agent) => agent.logged("agent worker is up")));

    issue("Meets the limit", "Please.");
    await until("the item is paused", async () => (await fleet.items())[0]?.status === "paused");
    const end = Date.parse(
      /until (\S+)\.$/.exec((await fleet.items())[0]?.reason ?? "")?.[1] ?? "",
    );
    const [met] = asked;
    expect(end - (met?.at ?? 0)).toBeGreaterThanOrEqual(LIMIT_S * 1_000);
    expect(end - (met?.at ?? 0)).toBeLessThan(LIMIT_S * 1_100 + 1_500);
    for (const title of ["Waits too", "And so does this"]) issue(title, "Please.");
    issue("Has another model", "- Recommended agent: opus\n");
    await until("the other provider's item is done", async () =>
      (await fleet.items()).some((item) => item.issue_number === 4 && item.status === "done"),
    );
    expect(Date.now()).toBeLessThan(end);

    const items = await fleet.done(4);
    expect(items.map((item) => item.developer_runs)).toEqual([1, 1, 1, 1]);
    expect(await fleet.endings("ET-001")).toEqual(["limited", "succeeded"]);
    const early = asked.filter(({ at, model: name }) => name.includes("sonnet") && at < end);
    expect(early).toEqual([met]);
    expect(asked.filter(({ limited }) => limited)).toHaveLength(1);
    expect(agents.every((agent) => runsOf(agent).length > 0)).toBe(true);
    const said = agents.map((agent) => agent.out() + agent.err()).join("");
    expect(said).not.toContain(KEY);
  });
});
