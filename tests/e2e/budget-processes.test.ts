import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BOT, openProcessFleet, type ProcessFleet, REPO } from "../support/process-fleet.js";
import { killProcesses, type Running, until } from "../support/processes.js";

/** At this price the 50,000 tokens that an issue takes unless it says otherwise cost $0.30. */
const MODEL = { id: "fake", provider: "fake", usdPerMillionInput: 6, usdPerMillionOutput: 30 };
const SPENDING = `#!/bin/sh
cat > /dev/null
echo "$STAGECOACH_RUN" >> "$1/started"
while [ -e "$1/hold" ]; do sleep 0.1; done
mkdir -p notes
echo "by $STAGECOACH_RUN" >> "notes/$STAGECOACH_ITEM.txt"
echo '{"usage":{"input_tokens":50000,"output_tokens":0}}' > "$STAGECOACH_RESULT_FILE"
`;

let fleet: ProcessFleet;

beforeEach(async () => {
  fleet = await openProcessFleet();
  const agent = join(fleet.folder, "spending-agent.sh");
  await writeFile(agent, SPENDING, { mode: 0o755 });
  await writeFile(join(fleet.control, "started"), "");
  const place = { name: "rocket", repo: REPO, remote: fleet.remote.path, pipeline: "direct" };
  await fleet.derive(join(fleet.folder, "stagecoach.yaml"), {
    projects: [{ ...place, maxConcurrentRuns: 4 }],
    agents: { default: { runner: "command", command: [agent, fleet.control], sandbox: "none" } },
    models: { sonnet: MODEL },
    budget: { perDay: { usd: 1 } },
  });
});

afterEach(async () => {
  await killProcesses();
  await fleet.remove();
});

async function startAll(): Promise<Running[]> {
  const receiver = fleet.start("receiver");
  const kinds = ["parser", "stage", "notifier", "agent", "agent"] as const;
  const workers = kinds.map((kind) => fleet.start(kind));
  await fleet.hookTo(receiver);
  await Promise.all(workers.map((worker, at) => worker.logged(`${kinds[at]} worker is up`)));
  return [receiver, ...workers];
}

const count = async (status: string) =>
  (await fleet.items()).filter((item) => item.status === status).length;

function issue(number: number): void {
  fleet.gitea.addIssue({ repo: REPO, title: `Issue ${number}`, body: "Please.", assignees: [BOT] });
}

describe("a budget of $1 a day", { timeout: 240_000 }, () => {
  it("holds for four items at once on two agent workers, and after a restart of all", async () => {
    const first = await startAll();
    await fleet.hold();
    for (const number of [1, 2, 3, 4]) issue(number);
    await until(
      "three work and one is paused",
      async () => (await count("running")) === 3 && (await count("paused")) === 1,
    );
    await fleet.release();
    await fleet.done(3);
    for (const running of first) running.signal("SIGTERM");
    for (const running of first) expect(await running.exited()).toMatchObject({ code: 0 });

    await startAll();
    issue(5);
    await until("the fifth is paused too", async () => (await count("paused")) === 2);
    await pause(2_000);
    const items = await fleet.items();
    expect(items.filter(({ status }) => status === "done")).toHaveLength(3);
    const late = items.find(({ issue_number }) => issue_number === 5);
    expect(late?.reason).toContain("spent $0.90 of $1.00, this run is estimated at $0.30");
  });
});
