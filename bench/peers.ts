import { connectRedis } from "../src/redis/connection.js";
import { silentLogger } from "../src/telemetry/logger.js";
import type { Bench, BenchCase, Measured } from "./case.js";
import { openGraphileWorker } from "./graphile-worker.js";
import { CONCURRENCY, drains, ourWorker } from "./no-op-jobs.js";
import { openPgBoss } from "./pg-boss.js";
import { findPostgres, startPostgres } from "./postgres.js";
import { compare, type Side, takeTurns } from "./rounds.js";
import { perSecond } from "./words.js";

/** Another queue of jobs, which keeps them in PostgreSQL. */
export interface Peer {
  /** As it is called. */
  readonly what: string;
  /** Those it has for speed, in words. */
  readonly settings: string;
  /** Puts so many jobs there. */
  fill(jobs: number): Promise<void>;
  /** Carries so many out, until the last is completed. */
  drain(jobs: number): Promise<void>;
  close(): Promise<void>;
}

/** How many a peer takes by one statement: what is best for jobs as short as these, and what ours does. */
const BATCHES = [500, 1];

/** The same jobs, which do nothing, through our worker and through other queues, each on the store it is made for. */
export const peers: BenchCase = {
  name: "peers",
  async measure(bench) {
    const programs = await findPostgres();
    if (programs === null) {
      bench.say(
        "pg-boss and graphile-worker are left out: no PostgreSQL that can be run is on PATH",
      );
      return [];
    }
    const url = await startPostgres(programs, bench);
    const others: Contender[] = [];
    for (const batch of BATCHES) {
      for (const open of [openPgBoss, openGraphileWorker]) {
        const peer = await open(url, batch, bench.say);
        others.push({ peer, batch });
      }
    }
    const measured = await measure(bench, others, programs.version);
    // Not after a fault or a signal: it would wait for what they do, and their server ends them anyway.
    for (const { peer } of others) await peer.close();
    return measured;
  },
};

interface Contender {
  readonly peer: Peer;
  readonly batch: number;
}

async function measure(
  { redis, quick }: Bench,
  others: readonly Contender[],
  postgres: string,
): Promise<readonly Measured[]> {
  const connection = connectRedis({ url: redis.url, role: "worker", log: silentLogger() });
  const jobs = quick ? 2_000 : 6_000;
  const [ours = [], ...theirs] = await takeTurns(quick ? 3 : 10, [
    drains(connection, jobs, ourWorker),
    ...others.map(({ peer }) => sideOf(peer, jobs)),
  ]);
  connection.disconnect();
  return others.map(({ peer, batch }, at) => {
    const compared = compare(ours, theirs[at] ?? []);
    const rates = perSecond(compared.ours, compared.theirs, "jobs");
    const taken = batch === 1 ? "each job taken by itself" : `up to ${batch} jobs taken at once`;
    return {
      what: `draining no-op jobs through our worker ÷ ${peer.what} on PostgreSQL, ${taken}`,
      goal: { kind: "none", unit: "" },
      values: compared.ratios,
      detail: `${rates}; ${CONCURRENCY} at once, ${peer.settings}; Redis syncs its log every second, PostgreSQL ${postgres} each commit`,
    };
  });
}

function sideOf(peer: Peer, jobs: number): Side {
  return async () => {
    await peer.fill(jobs);
    const from = performance.now();
    await peer.drain(jobs);
    return jobs / ((performance.now() - from) / 1_000);
  };
}
