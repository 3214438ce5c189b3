import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createCommandRunner } from "../../src/agents/command.js";
import { createContain } from "../../src/agents/sandbox.js";
import { modelRun } from "../support/anthropic-run.js";
import { toolUses } from "../support/fake-anthropic.js";
import { temporaryFolder, tryRun } from "../support/run-context.js";
import { SEARCH_PATH } from "../support/sandbox.js";

/** Contains nothing: only that it starts what it is given, until it can't, matters here. */
const WORKING = '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n';
const REFUSED = "#!/bin/sh\necho 'bwrap: no permission to make a new namespace' >&2\nexit 1\n";

/** What contains the commands of a worker that found bubblewrap working when it started. */
async function containing() {
  const folder = await temporaryFolder();
  const program = join(folder, "bwrap");
  await writeFile(program, WORKING, { mode: 0o755 });
  const secluded = { dataDir: join(folder, "data"), folders: [], secretFiles: [], home: folder };
  const bubblewrap = { program, isolation: [], secluded, searchPath: SEARCH_PATH };
  const contain = createContain({ bubblewrap, users: new Map(), searchPath: SEARCH_PATH });
  return { program, contain };
}

async function sandboxed() {
  const { program, contain } = await containing();
  const runner = createCommandRunner({ environment: { PATH: SEARCH_PATH }, contain });
  const end = async (script: string) => {
    const { context } = await tryRun({ command: ["/bin/sh", "-c", script], sandbox: "auto" });
    return runner(context, new AbortController().signal);
  };
  return { program, end };
}

it("a run whose sandbox is gone since the worker's start couldn't start", async () => {
  const { program, end } = await sandboxed();
  expect((await end("true")).kind).toBe("finished");
  await rm(program);
  expect(await end("true")).toMatchObject({
    kind: "transient",
    reason: expect.stringMatching(/^the runner can't start: bubblewrap doesn't work any more: /),
  });
});

it("a run whose sandbox is refused since the worker's start couldn't start", async () => {
  const { program, end } = await sandboxed();
  await writeFile(program, REFUSED);
  expect(await end("true")).toMatchObject({
    kind: "transient",
    reason: expect.stringContaining("no permission to make a new namespace"),
  });
});

it("an agent that fails within a working sandbox has failed", async () => {
  const { end } = await sandboxed();
  expect(await end("exit 3")).toMatchObject({ kind: "failed", reason: "exit code 3" });
});

it("a model's run whose sandbox breaks ends there, to be tried again, instead of the model working on without", async () => {
  const { program, contain } = await containing();
  const { api, run, results } = await modelRun({ sandbox: "auto" }, { contain });
  const bash = (command: string) => toolUses(["bash", { command }]);
  api.script(bash("echo fine"), bash(`rm ${program}; false`), { kind: "text", text: "done" });
  expect(await run()).toMatchObject({
    kind: "transient",
    reason: expect.stringMatching(/^commands can't be started: bubblewrap doesn't work any more: /),
  });
  expect(results()).toEqual([{ text: "fine\n", error: false }]);
});
