import { describe, expect, it, onTestFinished } from "vitest";
import { runSupervised } from "../../../src/agents/process.js";
import { processesNaming } from "../../support/processes-naming.js";
import { temporaryFolder } from "../../support/run-context.js";

const env = { PATH: process.env.PATH ?? "" };
const BUSY = "while :; do sleep 0.05; done";

/** `$1`, the folder, is in each command line, so that each process can be found. */
async function sh(script: string, timeoutMs = 60_000) {
  const folder = await temporaryFolder();
  onTestFinished(async () => {
    for (const pid of await processesNaming(folder)) process.kill(pid, "SIGKILL");
  });
  const command = ["/bin/sh", "-c", script, "sh", folder];
  const outcome = await runSupervised({ command, cwd: folder, env, timeoutMs, graceMs: 500 });
  return { outcome, left: await processesNaming(folder) };
}

describe("a supervised command", () => {
  it.each([
    ["left in its group", `sh -c 'trap "" TERM HUP; ${BUSY}' sh "$1" & exit 3`],
    [
      "that left its session",
      `setsid sh -c 'trap "" TERM; echo x > "$1/up"; ${BUSY}' sh "$1" &
      while ! [ -e up ]; do sleep 0.02; done; exit 3`,
    ],
  ])("ends with all it started: one %s", async (_what, script) => {
    const { outcome, left } = await sh(script);
    expect(outcome).toMatchObject({ kind: "exited", code: 3 });
    expect(left).toEqual([]);
  });

  it("ends with all it started when its time is up", async () => {
    const script = `setsid sh -c 'trap "" TERM; echo up; ${BUSY}' sh "$1" & trap "" TERM; ${BUSY}`;
    const { outcome, left } = await sh(script, 1_000);
    expect(outcome).toMatchObject({ kind: "timed_out", tail: "up\n" });
    expect(left).toEqual([]);
  });

  it("isn't kept waiting by one that escaped and holds its pipes", async () => {
    const script = `env -i PATH="$PATH" setsid sh -c 'echo up; echo x > "$1/up"; ${BUSY}' sh "$1" &
      while ! [ -e up ]; do sleep 0.02; done`;
    const { outcome, left } = await sh(script);
    expect(outcome).toMatchObject({ kind: "exited", code: 0, tail: "up\n" });
    // Without a sandbox this one gets away: what the documents say, and why there is a sandbox.
    expect(left).toHaveLength(1);
  });

  it("doesn't start what is no program, and says so", async () => {
    for (const command of [["/dev/null/agent"], ["/etc/passwd"], ["/no/such/agent"]]) {
      expect(await runSupervised({ command, cwd: "/", env, timeoutMs: 1_000 })).toMatchObject({
        kind: "unstartable",
      });
    }
  });
});
