import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import { startEmbeddedRedis } from "../../src/redis/embedded.js";
import type { EmbeddedRedis } from "../../src/redis/embedded-server.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { machine } from "../machine.js";
import { createPrograms } from "../programs.js";
import { openSoakedFleet, type SoakedFleet } from "./fleet.js";
import { table } from "./table.js";
import { judged, type Look } from "./verdict.js";

const MINUTE_MS = 60_000;
const LEAST_MINUTES = 4;
/** Between two looks. */
const LOOK_MS = 5_000;

/** Ctrl-C ends the load, not the tidying up. */
const enough = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => enough.abort());

const asked = new Command("soak")
  .description(
    "Carries issues at a steady rate and says whether memory of the processes and of Redis stays flat once what ended is removed as fast as it comes. Exits 1 where something grows, or what is filed isn't carried.",
  )
  .option("--minutes <n>", `how long, at least ${LEAST_MINUTES}`, atLeast(LEAST_MINUTES), 60)
  .option("--rate <n>", "issues a minute, at least 1", atLeast(1), 30)
  .option("--json", "every look as JSON, for plotting")
  .parse()
  .opts<{ readonly minutes: number; readonly rate: number; readonly json?: true }>();
await soak(asked.minutes, asked.rate);

async function soak(minutes: number, rate: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "stagecoach-soak-"));
  const programs = createPrograms(folder, []);
  const redis = await startEmbeddedRedis({ dataDir: folder, log: silentLogger() });
  try {
    const fleet = await openSoakedFleet({ folder, redis, start: programs.start });
    try {
      const looks = await watched(fleet, minutes * MINUTE_MS, MINUTE_MS / rate);
      report(looks, fleet.retentionMs, redis.kind);
    } finally {
      await fleet.close();
    }
  } finally {
    await programs.stopAll();
    await redis.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 20 });
  }
}

/** Issues come one by one, whether the last ones are done or not; meanwhile it looks. */
async function watched(
  fleet: SoakedFleet,
  lengthMs: number,
  everyMs: number,
): Promise<readonly Look[]> {
  const looks: Look[] = [];
  const began = performance.now();
  const stopped = once(enough.signal, "abort");
  const passed = () => performance.now() - began;
  let filed = 0;
  while (passed() < lengthMs && !enough.signal.aborted) {
    for (; filed * everyMs <= passed(); filed += 1) fleet.fileIssue();
    if (looks.length * LOOK_MS <= passed()) {
      const look = await fleet.look(passed(), filed);
      looks.push(look);
      if (looks.length % 12 === 0) console.error(progress(look));
    }
    const next = Math.min(filed * everyMs, looks.length * LOOK_MS);
    await Promise.race([pause(Math.max(0, next - passed())), stopped]);
  }
  return looks;
}

function progress({ atMs, filed, removed, kept, bytes }: Look): string {
  const sizes = Object.entries(bytes).map(
    ([of, size]) => `${of} ${(size / 2 ** 20).toFixed(1)} MB`,
  );
  const minutes = Math.round(atMs / MINUTE_MS);
  return `${minutes} min: ${filed} filed, ${removed} removed, ${kept} kept; ${sizes.join(", ")}`;
}

function report(looks: readonly Look[], retentionMs: number, kind: EmbeddedRedis["kind"]): void {
  const verdict = judged(looks, retentionMs);
  if (asked.json) console.log(JSON.stringify({ machine: machine(kind), verdict, looks }));
  else if (verdict === null) console.log("Too short to judge.");
  else console.log(table(verdict, machine(kind)));
  if (!verdict?.flat || !verdict.carried) process.exitCode = 1;
}

function atLeast(least: number) {
  return (text: string): number => {
    const number = Number(text);
    if (text.trim() !== "" && number >= least) return number;
    throw new InvalidArgumentError(`It must be a number of at least ${least}.`);
  };
}
