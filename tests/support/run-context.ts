import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { AgentSettings } from "../../src/domain/fleet.js";
import type { RunContext } from "../../src/engine/runner.js";

export interface Tried {
  readonly context: RunContext;
  readonly output: () => string;
}

/** A run's context in temporary folders, which go when the test ends. */
export async function tryRun(
  settings: Partial<AgentSettings>,
  over: Partial<RunContext> = {},
): Promise<Tried> {
  const worktree = await temporaryFolder();
  const privatePath = await temporaryFolder();
  let output = "";
  const context: RunContext = {
    item: "ET-001",
    stage: "development",
    role: "developer",
    branch: "feature/ET-001-add-search",
    run: "ET-001-v1-a1",
    attempt: 1,
    round: 1,
    modelKey: "sonnet",
    model: null,
    artifacts: "docs/work-items/ET-001",
    prompt: "do it\n",
    worktree,
    borrows: [],
    privatePath,
    settings: { ...SETTINGS, ...settings },
    log: (chunk) => {
      output += chunk;
    },
    ...over,
  };
  return { context, output: () => output };
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stagecoach-run-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const SETTINGS: AgentSettings = {
  runner: "command",
  command: ["true"],
  script: null,
  timeoutMinutes: 1,
  silentMinutes: 1,
  env: [],
  sandbox: "none",
  user: null,
  model: "assigned",
  maxConcurrent: null,
};
