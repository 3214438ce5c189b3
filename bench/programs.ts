import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Program, Started } from "./case.js";

/**
 * Starts programs with exactly their environment, PATH and these flags of Node's; their standard error
 * goes to a file in `folder`.
 */
export function createPrograms(
  folder: string,
  flags: readonly string[],
  path = process.env.PATH ?? "",
) {
  const running: Started[] = [];
  return {
    async start(program: Program): Promise<Started> {
      const started = await startProgram(
        { ...program, env: { PATH: path, ...program.env } },
        flags,
        join(folder, `program-${running.length}.log`),
      );
      running.push(started);
      return started;
    },
    async stopAll(): Promise<void> {
      for (const each of running.splice(0)) await each.stop();
    },
  };
}

async function startProgram(
  program: Program,
  flags: readonly string[],
  log: string,
): Promise<Started> {
  const path = fileURLToPath(new URL(`../${program.path}`, import.meta.url));
  const file = await open(log, "w");
  const child = spawn(process.execPath, [...flags, path, ...(program.args ?? [])], {
    cwd: dirname(log),
    env: { NODE_ENV: "production", ...program.env },
    stdio: ["ignore", "ignore", file.fd],
  });
  const exit = once(child, "exit");
  // A measurement that fails must not leave behind what the next one would be measured beside.
  const orphaned = () => child.kill("SIGKILL");
  process.once("exit", orphaned);
  child.once("exit", () => process.off("exit", orphaned));
  await file.close();
  const said = await whenSaid(program.ready, log, () => {
    if (child.exitCode !== null)
      throw new Error(`${program.path} ended: ${readFileSync(log, "utf8")}`);
  });
  return {
    pid: child.pid ?? 0,
    said,
    async stop() {
      child.kill("SIGTERM");
      await exit;
    },
  };
}

const POLL_MS = 5;

async function whenSaid(
  words: string,
  log: string,
  stillRuns: () => void,
): Promise<Record<string, unknown>> {
  for (;;) {
    const whole = (await readFile(log, "utf8")).split("\n").slice(0, -1);
    const said = whole.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    const found = said.find(({ msg }) => msg === words);
    if (found !== undefined) return found;
    stillRuns();
    await pause(POLL_MS);
  }
}
