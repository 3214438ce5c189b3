import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "@swc/core";
import { describe, expect, it, type TestContext, vi } from "vitest";
import { processesNaming } from "../../support/processes-naming.js";
import { bubblewrapHere, NO_SANDBOX, SEARCH_PATH, SKIPPED } from "../../support/sandbox.js";

const SOURCES = fileURLToPath(new URL("../../../src/agents", import.meta.url));
const NEEDED = [
  "process",
  "end-processes",
  "survivors",
  "watchdog",
  "sandbox",
  "bubblewrap",
  "exposed-paths",
  "other-user",
];
/** What nothing of a killed worker's agent outlives. */
const BOUND_MS = 15_000;
/** Each starts a process of its own, all at once, on machines that others use as well. */
const TIMEOUT_MS = 180_000;

/** A worker that runs one agent and is then killed without a chance to clean up. */
const WORKER = `
import { runSupervised } from "./process.js";
import { createContain } from "./sandbox.js";
const { script, folder, bubblewrap, searchPath } = JSON.parse(process.argv[2]);
const contain = createContain({ bubblewrap, users: new Map(), searchPath });
const settings = { sandbox: bubblewrap === null ? "none" : "bubblewrap", user: null };
const confines = { settings, worktree: folder, borrows: [], privatePath: folder };
await runSupervised({
  command: contain(["/bin/sh", "-c", script, "sh", folder], confines),
  cwd: folder,
  env: { PATH: searchPath },
  timeoutMs: 600000,
  onOutput: (chunk) => process.stdout.write(chunk),
});
`;

/** `$1` is in each command line, so that each process can be found. */
const BUSY = "while :; do sleep 0.1; done";
const AGENTS = {
  "ignores TERM": `trap '' TERM; echo ready; ${BUSY}`,
  "has grandchildren that ignore it too": `
    sh -c 'trap "" TERM; sh -c "trap : TERM; ${BUSY}" sh "$1" & ${BUSY}' sh "$1" &
    echo ready; ${BUSY}`,
  "left its session": `setsid sh -c 'trap "" TERM; echo ready; ${BUSY}' sh "$1" & ${BUSY}`,
};
const ESCAPEE = `env -i PATH="$PATH" setsid sh -c 'trap "" TERM; echo ready; ${BUSY}' sh "$1" & ${BUSY}`;

describe("when its worker is killed, nothing is left of an agent that", () => {
  it.concurrent.for(Object.entries(AGENTS))(
    "%s",
    { timeout: TIMEOUT_MS },
    async ([, script], test) => {
      await leavesNothing(await killedWorker(script, null, test));
    },
  );
});

describe.skipIf(NO_SANDBOX !== null)(
  `when its worker is killed, nothing is left in the sandbox${SKIPPED} of an agent that`,
  () => {
    const all = { ...AGENTS, "left its session and forgot its environment": ESCAPEE };
    it.concurrent.for(Object.entries(all))(
      "%s",
      { timeout: TIMEOUT_MS },
      async ([, script], test) => {
        const worker = await killedWorker(script, bubblewrapIn, test);
        // The namespace dies with its worker: nobody waits for TERM to be heeded.
        await leavesNothing(worker);
      },
    );
  },
);

type Sandbox = ((dataDir: string) => ReturnType<typeof bubblewrapHere>) | null;

const bubblewrapIn = (dataDir: string) =>
  bubblewrapHere({ dataDir, folders: [], secretFiles: [], home: "/root" });

/** Starts a worker, waits for its agent and kills the worker. Returns the agent's folder. */
async function killedWorker(
  script: string,
  sandbox: Sandbox,
  { onTestFinished }: TestContext,
): Promise<string> {
  // Not vitest's global hook: it doesn't know which of several tests at once has called it.
  const built = await mkdtemp(join(tmpdir(), "stagecoach-killed-"));
  onTestFinished(() => rm(built, { recursive: true, force: true }));
  await transformed(built);
  const folder = join(built, "data/tree");
  await mkdir(folder, { recursive: true });
  const bubblewrap = sandbox?.(join(built, "data")) ?? null;
  const order = { script, folder, bubblewrap, searchPath: SEARCH_PATH };
  const worker = spawn(process.execPath, [join(built, "worker.js"), JSON.stringify(order)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(async () => {
    for (const pid of await processesNaming(folder)) process.kill(pid, "SIGKILL");
  });
  const [said] = await once(worker.stdout, "data");
  expect(String(said)).toBe("ready\n");
  expect((await processesNaming(folder)).length).toBeGreaterThan(1);
  worker.kill("SIGKILL");
  await once(worker, "exit");
  return folder;
}

async function leavesNothing(folder: string): Promise<void> {
  const gone = async () => expect(await processesNaming(folder)).toEqual([]);
  await vi.waitFor(gone, { timeout: BOUND_MS, interval: 100 });
}

/** Lays the sources out as a process of its own can run them. */
async function transformed(folder: string): Promise<void> {
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  await writeFile(join(folder, "worker.js"), WORKER);
  for (const name of NEEDED) {
    const source = await readFile(join(SOURCES, `${name}.ts`), "utf8");
    const { code } = transformSync(source, {
      jsc: { parser: { syntax: "typescript" }, target: "es2022" },
    });
    await writeFile(join(folder, `${name}.js`), code);
  }
}
