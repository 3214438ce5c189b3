import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished, vi } from "vitest";

const PROCESS = fileURLToPath(new URL("../../../src/agents/process.ts", import.meta.url));

/** A worker that runs one agent and is then killed without a chance to clean up. */
const WORKER = `
import { transformSync } from "@swc/core";
import { readFileSync } from "node:fs";
const { code } = transformSync(readFileSync(process.argv[1], "utf8"), {
  jsc: { parser: { syntax: "typescript" }, target: "es2022" },
});
const { runSupervised } = await import("data:text/javascript," + encodeURIComponent(code));
await runSupervised({
  command: ["/bin/sh", "-c", "trap '' TERM; echo $$; while :; do sleep 0.1; done"],
  cwd: "/", env: { PATH: process.env.PATH }, timeoutMs: 600000, graceMs: 1000,
  onOutput: (chunk) => process.stdout.write(chunk),
});
`;

it("ends the agent of a worker that was killed", async () => {
  const worker = spawn(process.execPath, ["--input-type=module", "-e", WORKER, PROCESS], {
    cwd: fileURLToPath(new URL("../../..", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [chunk] = await once(worker.stdout, "data");
  const agent = Number(String(chunk));
  expect(agent).toBeGreaterThan(1);
  onTestFinished(async () => {
    if (await isAlive(agent)) process.kill(agent, "SIGKILL");
  });
  expect(await isAlive(agent)).toBe(true);
  worker.kill("SIGKILL");
  await vi.waitFor(async () => expect(await isAlive(agent)).toBe(false), { timeout: 15_000 });
});

async function isAlive(pid: number): Promise<boolean> {
  try {
    return !/ Z /.test(await readFile(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
