import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { settleMs } from "../../chaos/round.js";
import { patience } from "../../chaos/settle.js";
import { endRuns, strangers } from "../../chaos/strangers.js";
import { AGENT } from "../../chaos/world/agent.js";
import { runSupervised } from "../../src/agents/process.js";
import { MARK } from "../../src/agents/survivors.js";
import { until } from "../support/processes.js";

/** The first run of a developer whose issue says this word. */
async function runOf(word: string) {
  const folder = await mkdtemp(join(tmpdir(), "stagecoach-chaos-agent-"));
  onTestFinished(async () => {
    endRuns(folder);
    await rm(folder, { recursive: true, force: true });
  });
  const [agent, prompt] = [join(folder, "agent.sh"), join(folder, "prompt.md")];
  await writeFile(agent, AGENT, { mode: 0o755 });
  await writeFile(prompt, `chaos: ${word}\n`);
  const env = {
    PATH: process.env.PATH ?? "",
    STAGECOACH_RUN: "QK-1-v1-a1",
    STAGECOACH_ITEM: "QK-1",
    STAGECOACH_ROLE: "developer",
    STAGECOACH_PROMPT_FILE: prompt,
    STAGECOACH_ARTIFACTS: folder,
  };
  return { folder, agent, env };
}

const LONGEST_MINUTES = 60;

/** Has the auditor given up so long after the end of the longest round? */
function isOver(ms: number): boolean {
  let now = 0;
  const over = patience(settleMs(LONGEST_MINUTES), () => now);
  over(1);
  now = ms;
  return over(0);
}

describe.each(["child", "hang"])("an agent of chaos whose word is %s", (word) => {
  it("leaves nothing where it is supervised", async () => {
    const { folder, agent, env } = await runOf(word);
    const outcome = await runSupervised({
      command: [agent],
      cwd: folder,
      env,
      timeoutMs: 60_000,
      silentMs: 500,
    });
    expect(outcome.kind).toBe(word === "hang" ? "silent" : "exited");
    expect(strangers(folder, [])).toEqual([]);
  });

  it("is there as long as the auditor looks where it isn't, and not after the round", async () => {
    const { folder, agent, env } = await runOf(word);
    spawn(agent, { cwd: folder, env: { ...env, [MARK]: "1" }, stdio: "ignore" });
    const stays = () =>
      strangers(folder, []).flatMap((line) => /sleep (\d+)/.exec(line)?.[1] ?? []);
    await until("it sleeps", () => stays().length === 1);
    const storm = LONGEST_MINUTES * 60_000;
    expect(isOver(Number(stays()[0]) * 1_000 - storm)).toBe(true);
    endRuns(folder);
    await until("it is gone", () => strangers(folder, []).length === 0);
  });
});
