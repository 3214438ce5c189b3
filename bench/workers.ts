import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bench, BenchCase, Measured } from "./case.js";
import { BOT, REPO, SECRET } from "./deliveries.js";
import { type DoneItems, watchDone } from "./done-items.js";
import { inTurns } from "./rounds.js";
import { median } from "./statistics.js";
import { openFleet, PREFIX, type WorkingFleet } from "./working-fleet.js";

const MANY = 4;
/** How long an agent sleeps, far less than a model works: the machine's processors aren't what is measured. */
const SLEEP_MS = 30_000;

/** Issues whose agents sleep, carried through by four agent workers and by one. */
export const workers: BenchCase = {
  name: "workers",
  async measure(bench) {
    const fleet = await openFleet(bench, await sleepingScript(bench.folder));
    try {
      return await measure(bench, fleet);
    } finally {
      await fleet.close();
    }
  },
};

async function measure(bench: Bench, fleet: WorkingFleet): Promise<readonly Measured[]> {
  fleet.gitea.setHook({ url: `${fleet.url}/webhook/gitea`, secret: SECRET });
  const done = await watchDone(bench.redis.url, PREFIX);
  const side = (count: number) => async () => {
    const agents = await Promise.all(
      Array.from({ length: count }, (_, at) =>
        bench.start({
          path: "bench/agent-worker.js",
          env: fleet.env(`agent-${at}`),
          ready: "agent worker is up",
        }),
      ),
    );
    const rate = await carryThrough(fleet, done, count * (bench.quick ? 1 : 2));
    await Promise.all(agents.map((agent) => agent.stop()));
    return rate;
  };
  const rounds = bench.quick ? 1 : 3;
  const { ours, theirs, ratios } = await inTurns(rounds, side(MANY), side(1));
  done.close();
  const minute = (rates: readonly number[]) => (median(rates) * 60).toFixed(0);
  return [
    {
      what: `completed work with ${MANY} agent workers ÷ with 1, agents that sleep`,
      goal: { kind: "at least", value: 3.8, unit: "" },
      values: ratios,
      detail: `${minute(ours)} ÷ ${minute(theirs)} issues/min, ${SLEEP_MS / 1_000} s each`,
    },
  ];
}

/** So many issues at once, until all are done; returns issues a second. */
async function carryThrough(
  { gitea }: WorkingFleet,
  done: DoneItems,
  count: number,
): Promise<number> {
  const all = done.next(count);
  const from = performance.now();
  for (let filed = 0; filed < count; filed += 1) {
    gitea.addIssue({ repo: REPO, title: "Count frames", assignees: [BOT] });
  }
  await all;
  return count / ((performance.now() - from) / 1_000);
}

async function sleepingScript(folder: string): Promise<string> {
  const step = join(folder, "script", "developer", "1");
  await mkdir(join(step, "src"), { recursive: true });
  await writeFile(join(step, "step.json"), JSON.stringify({ delay_ms: SLEEP_MS }));
  await writeFile(join(step, "src", "__ITEM__.txt"), "work of __RUN__\n");
  return join(folder, "script");
}
