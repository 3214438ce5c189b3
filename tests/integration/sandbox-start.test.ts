import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { stringify } from "yaml";
import { containmentOf } from "../../src/cli/wiring/containment.js";
import { loadConfig } from "../../src/config/load.js";
import { createLogger, type Logger } from "../../src/telemetry/logger.js";
import { temporaryFolder } from "../support/run-context.js";
import { NO_SANDBOX, SEARCH_PATH } from "../support/sandbox.js";

/** What a worker finds on a machine with these programs, or with all of this one's. */
async function onMachine(agent: object, programs: Readonly<Record<string, string>> | null) {
  const folder = await temporaryFolder();
  const configPath = join(folder, "stagecoach.yaml");
  const file = {
    bot: "bot",
    approvers: ["alice"],
    projects: [{ repo: "acme/rocket", remote: "/srv/git/rocket.git", pipeline: "direct" }],
    agents: { default: { command: ["true"], ...agent } },
  };
  await writeFile(configPath, stringify(file));
  const bin = join(folder, "bin");
  await mkdir(bin);
  for (const [name, script] of Object.entries(programs ?? {})) {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  const env = { PATH: programs === null ? SEARCH_PATH : bin, DATA_DIR: join(folder, "data") };
  const config = loadConfig({ env, cwd: folder, configPath });
  const warnings: string[] = [];
  const log: Logger = createLogger({ level: "silent", pretty: false });
  log.warn = (_fields: unknown, text?: string) => warnings.push(text ?? "");
  const open = () => containmentOf({ config, env, log });
  const confines = {
    settings: { sandbox: "auto", user: null },
    worktree: folder,
    borrows: [],
    privatePath: bin,
  } as const;
  return { open, warnings, start: () => open()(["/bin/sh", "-c", "true"], confines) };
}

it("warns once where nothing contains agents, and starts them as they are", async () => {
  const { start, warnings } = await onMachine({}, {});
  expect(start()).toEqual(["/bin/sh", "-c", "true"]);
  expect(start()).toHaveLength(3);
  expect(warnings).toEqual([expect.stringContaining("mistakes, not malice")]);
});

it("doesn't warn of what was chosen", async () => {
  const { start, warnings } = await onMachine({ sandbox: "none" }, {});
  start();
  expect(warnings).toEqual([]);
});

it.each([
  [{}, "bubblewrap (bwrap) is not installed"],
  [{ bwrap: "echo 'no permission' >&2; exit 1" }, "doesn't work on this machine: no permission"],
])("refuses where bubblewrap is asked for and doesn't work (%#)", async (programs, why) => {
  const { open } = await onMachine({ sandbox: "bubblewrap" }, programs);
  expect(open).toThrow("rocket: agents.developer.sandbox");
  expect(open).toThrow(why);
});

it("refuses a user who can't be had", async () => {
  const { open } = await onMachine({ sandbox: "none", user: "no-such-user" }, null);
  expect(open).toThrow(
    /agents\.developer\.user: (there is no user|only a worker that runs as root)/,
  );
});

it.skipIf(NO_SANDBOX !== null)("contains by bubblewrap where it works", async () => {
  const { start, warnings } = await onMachine({}, null);
  expect(start()).toEqual(expect.arrayContaining(["--unshare-pid", "--die-with-parent"]));
  expect(warnings).toEqual([]);
});
