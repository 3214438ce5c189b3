import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BOT, openProcessFleet, type ProcessFleet, REPO } from "../support/process-fleet.js";
import { killProcesses, type Running, until } from "../support/processes.js";

const ITEMS = 20;
const AT_ONCE = 2;
const WORKERS = 3;

/**
 * Writes a line whenever it is seen to be alive, so that the order of the lines tells who lived at the
 * same time, and until when one lived that was killed.
 */
const AGENT = `#!/bin/sh
set -eu
cat > /dev/null
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
  echo "$STAGECOACH_RUN" >> "$1"
  sleep 0.1
done
mkdir -p notes
echo "by $STAGECOACH_RUN" > "notes/$STAGECOACH_ITEM.txt"
echo "$STAGECOACH_RUN" >> "$1"
`;

let fleet: ProcessFleet;
let lives: string;

beforeEach(async () => {
  fleet = await openProcessFleet();
  lives = join(fleet.folder, "lives");
  const agent = join(fleet.folder, "counted-agent.sh");
  await writeFile(agent, AGENT, { mode: 0o755 });
  await writeFile(lives, "");
  await fleet.derive(join(fleet.folder, "stagecoach.yaml"), {
    agents: { default: { runner: "command", command: [agent, lives], sandbox: "none" } },
  });
});

afterEach(async () => {
  await killProcesses();
  await fleet.remove();
});

/** The runs that lived at some line of the file, line by line. */
async function livingAtOnce(): Promise<string[][]> {
  const lines = (await readFile(lives, "utf8")).trim().split("\n");
  const last = new Map(lines.map((run, index) => [run, index]));
  const first = new Map([...lines.entries()].reverse().map(([index, run]) => [run, index]));
  const runs = [...last.keys()];
  return lines.map((_, at) =>
    runs.filter((run) => (first.get(run) ?? at + 1) <= at && at <= (last.get(run) ?? -1)),
  );
}

function runsOf(agent: Running): string[] {
  return agent.log().flatMap((line) => (line.msg === "run starts" ? [String(line.run)] : []));
}

describe("twenty items of one repository", { timeout: 400_000 }, () => {
  it("never have more than two agents at once on three workers, one of them killed, and all finish", async () => {
    const receiver = fleet.start("receiver");
    const others = [fleet.start("parser"), fleet.start("stage"), fleet.start("notifier")];
    const agents = Array.from({ length: WORKERS }, () => fleet.start("agent"));
    await fleet.hookTo(receiver);
    const kinds = ["parser", "stage", "notifier"];
    await Promise.all(others.map((other, at) => other.logged(`${kinds[at]} worker is up`)));
    await Promise.all(agents.map((agent) => agent.logged("agent worker is up")));
    for (let number = 1; number <= ITEMS; number += 1) {
      fleet.gitea.addIssue({
        repo: REPO,
        title: `Issue ${number}`,
        body: "Please.",
        assignees: [BOT],
      });
    }

    const killed = await busyWorker(agents);
    killed.signal("SIGKILL");
    await killed.exited();
    // A killed worker's job is taken over when its lock has ended; a wait for each step of the others.
    for (let count = 5; count <= ITEMS; count += 5) {
      await until(`${count} items are done`, async () => (await doneCount()) >= count);
    }
    const items = await fleet.done(ITEMS);
    expect(items.map(({ developer_runs }) => developer_runs)).toEqual(Array(ITEMS).fill(1));
    const endings = await Promise.all(items.map(({ id }) => fleet.endings(id)));
    expect(endings.filter(([first]) => first === "superseded").length).toBeGreaterThan(0);
    expect(endings.map((all) => all.at(-1))).toEqual(Array(ITEMS).fill("succeeded"));

    const living = await livingAtOnce();
    const crowded = living.filter((runs) => runs.length > AT_ONCE);
    expect(crowded).toEqual([]);
    expect(living.some((runs) => runs.length === AT_ONCE)).toBe(true);
    expect(agents.filter((agent) => runsOf(agent).length > 0)).toHaveLength(WORKERS);
  });
});

async function doneCount(): Promise<number> {
  return (await fleet.items()).filter(({ status }) => status === "done").length;
}

/** A worker whose agent is at work, when some items are done already and each worker had one. */
async function busyWorker(agents: readonly Running[]): Promise<Running> {
  let busy: Running | undefined;
  await until("a worker is in the middle of a run", async () => {
    const done = await doneCount();
    if (done < 4 || agents.some((agent) => runsOf(agent).length === 0)) return false;
    const alive = (await readFile(lives, "utf8")).trim().split("\n").at(-1) ?? "";
    busy = agents.find((agent) => {
      const ended = agent.log().some(({ msg, run }) => msg === "run ended" && run === alive);
      return runsOf(agent).includes(alive) && !ended;
    });
    return busy !== undefined;
  });
  if (busy === undefined) throw new Error("no worker was busy");
  return busy;
}
