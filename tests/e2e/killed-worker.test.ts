import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BOT, openProcessFleet, type ProcessFleet, REPO } from "../support/process-fleet.js";
import { killProcesses, type Running, until } from "../support/processes.js";
import { processesNaming } from "../support/processes-naming.js";
import { NO_SANDBOX } from "../support/sandbox.js";

/** No agent outlives its worker by more. */
const BOUND_MS = 15_000;

/**
 * The first of an item's agents ignores TERM and stays for ever, with a grandchild that ignores it too
 * and somebody who left group, session and environment. The next one does the work. `$1` is a word
 * that all of them carry in their command lines.
 */
const AGENT = `#!/bin/sh
trap "" TERM HUP INT
cat > /dev/null
if [ "$STAGECOACH_ATTEMPT" = 1 ]; then
  sh -c 'sh -c "trap \\"\\" TERM; while :; do sleep 0.2; done" "$0-grandchild" & wait' "$1" &
  env -i PATH="$PATH" setsid sh -c 'trap "" TERM HUP; while :; do sleep 0.2; done' "$1-escapee" &
  while :; do sleep 0.2; done
fi
mkdir -p notes
echo "by $STAGECOACH_RUN" >> "notes/$STAGECOACH_ITEM.txt"
`;

let fleet: ProcessFleet;
let word: string;

beforeEach(async () => {
  fleet = await openProcessFleet();
  word = `killed-${randomUUID()}`;
});

afterEach(async () => {
  await killProcesses();
  for (const pid of await processesNaming(word)) process.kill(pid, "SIGKILL");
  await fleet.remove();
});

async function agentsWith(sandbox: "bubblewrap" | "none"): Promise<void> {
  const agent = join(fleet.folder, "stubborn-agent.sh");
  await writeFile(agent, AGENT, { mode: 0o755 });
  const command = [agent, word];
  await fleet.derive(join(fleet.folder, "stagecoach.yaml"), {
    agents: { default: { runner: "command", command, sandbox, silentMinutes: 10 } },
  });
}

async function startAll(): Promise<Running> {
  const receiver = fleet.start("receiver");
  const kinds = ["parser", "stage", "notifier", "agent"] as const;
  const workers = kinds.map((kind) => fleet.start(kind));
  await fleet.hookTo(receiver);
  await Promise.all(workers.map((worker, at) => worker.logged(`${kinds[at]} worker is up`)));
  return workers[3] as Running;
}

/** Kills the worker while its agent is at work, and tells who is left when the time is over. */
async function killAtWork(worker: Running): Promise<readonly number[]> {
  fleet.gitea.addIssue({ repo: REPO, title: "Show a gap", body: "Please.", assignees: [BOT] });
  await until("the agent and all it started are there", async () => {
    const [escapees, grandchildren] = await Promise.all([
      processesNaming(`${word}-escapee`),
      processesNaming(`${word}-grandchild`),
    ]);
    return escapees.length > 0 && grandchildren.length > 0;
  });
  await (await fleet.start("agent")).logged("agent worker is up");
  worker.signal("SIGKILL");
  await worker.exited();
  const deadline = performance.now() + BOUND_MS;
  let left = await processesNaming(word);
  while (left.length > 0 && performance.now() < deadline) {
    await pause(100);
    left = await processesNaming(word);
  }
  return left;
}

async function finishedByAnother(): Promise<void> {
  const [item] = await fleet.done(1);
  expect(item).toMatchObject({ developer_runs: 1, version: 2 });
  expect(await fleet.endings("ET-001")).toEqual(["superseded", "succeeded"]);
  const branch = item?.branch ?? "";
  expect(await fleet.pushes(branch)).toBe(1);
  expect(await fleet.remote.read(branch, "notes/ET-001.txt")).toBe("by ET-001-v1-a2\n");
}

describe("an agent worker killed with its agent at work", { timeout: 240_000 }, () => {
  it.skipIf(NO_SANDBOX !== null)("leaves nobody in the sandbox; another finishes", async () => {
    await agentsWith("bubblewrap");
    expect(await killAtWork(await startAll())).toEqual([]);
    await finishedByAnother();
  });

  it("leaves without a sandbox nobody but who left all behind; another finishes", async () => {
    await agentsWith("none");
    const left = await killAtWork(await startAll());
    expect(left).toEqual(await processesNaming(`${word}-escapee`));
    await finishedByAnother();
  });
});
