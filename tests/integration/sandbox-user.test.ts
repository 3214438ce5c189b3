import {
  chmod,
  lchown,
  mkdir,
  readFile,
  realpath,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createCommandRunner } from "../../src/agents/command.js";
import { lookUpUser, type OtherUser } from "../../src/agents/other-user.js";
import { createContain } from "../../src/agents/sandbox.js";
import { processesNaming } from "../support/processes-naming.js";
import { temporaryFolder, tryRun } from "../support/run-context.js";
import { bubblewrapHere, NO_SANDBOX, SEARCH_PATH } from "../support/sandbox.js";

const NOBODY = "nobody";
const NOT_ROOT = process.getuid?.() === 0 ? null : "only root can run commands as another user";

/** A fleet's folders as its worker makes them: nobody else may enter. */
async function place() {
  const folder = await realpath(await temporaryFolder());
  await chmod(folder, 0o755);
  const dataDir = join(folder, "data");
  const item = join(dataDir, "work/items/ET-001");
  const made = { dataDir, worktree: join(item, "tree"), privatePath: join(item, "private") };
  for (const path of [made.worktree, made.privatePath]) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  }
  await writeFile(join(folder, "roots.txt"), "of root\n", { mode: 0o600 });
  return { ...made, folder };
}

function lookUp(name: string, dataDir: string): OtherUser {
  const found = lookUpUser(name, dataDir, SEARCH_PATH);
  if ("why" in found) throw new Error(found.why);
  return found;
}

type Place = Awaited<ReturnType<typeof place>>;

async function asNobody(
  { dataDir, worktree, privatePath }: Place,
  script: string,
  sandboxed: boolean,
  options: { readonly signal?: AbortSignal; readonly onOutput?: () => void } = {},
) {
  const secluded = { dataDir, folders: [], secretFiles: [], home: "/root" };
  const contain = createContain({
    bubblewrap: sandboxed ? bubblewrapHere(secluded) : null,
    users: new Map([[NOBODY, lookUp(NOBODY, dataDir)]]),
    searchPath: SEARCH_PATH,
  });
  const runner = createCommandRunner({
    environment: { PATH: "/usr/local/bin:/usr/bin:/bin" },
    contain,
    graceMs: 500,
  });
  let output = "";
  const log = (chunk: string) => {
    output += chunk;
    options.onOutput?.();
  };
  const command = ["/bin/sh", "-c", script, "sh", worktree];
  const settings = { command, user: NOBODY, sandbox: "auto" } as const;
  const { context } = await tryRun(settings, { worktree, privatePath, log });
  const ending = await runner(context, options.signal ?? new AbortController().signal);
  return { ending, output };
}

const ways = [
  ["without a sandbox", false],
  ...(NO_SANDBOX === null ? [["in the sandbox", true] as const] : []),
] as const;

describe.skipIf(NOT_ROOT !== null)(
  `a command as another user${NOT_ROOT === null ? "" : ` (skipped: ${NOT_ROOT})`}`,
  () => {
    it.each(ways)(
      "works in its tree and has no rights beside its own, %s",
      async (_way, sandboxed) => {
        const there = await place();
        const { ending, output } = await asNobody(
          there,
          `id -un; cat; cat $STAGECOACH_PROMPT_FILE; echo made > made.txt; echo x > $HOME/x
         cat ${there.folder}/roots.txt /etc/shadow && echo read; echo x > /etc/planted && echo wrote
         grep CapEff /proc/self/status; ls ${there.dataDir}/work/items
         echo '{"summary":"done"}' > $STAGECOACH_RESULT_FILE`,
          sandboxed,
        );
        expect(output).toMatch(/^nobody\ndo it\ndo it\n/);
        expect(output).not.toMatch(/^(of root|read|wrote)$/m);
        expect(output).toMatch(/CapEff:\s+0+\n/);
        expect(ending).toMatchObject({ kind: "finished", report: { summary: "done" } });
        expect(await readFile(join(there.worktree, "made.txt"), "utf8")).toBe("made\n");
      },
    );

    it.each(ways)("is given no file that a symlink leads to, %s", async (_way, sandboxed) => {
      const there = await place();
      await symlink(there.folder, join(there.worktree, "folder"));
      await symlink(join(there.folder, "roots.txt"), join(there.worktree, "file"));
      await lchown(join(there.worktree, "file"), 0, 0);
      const { ending } = await asNobody(there, "true", sandboxed);
      expect(ending.kind).toBe("finished");
      expect((await stat(join(there.folder, "roots.txt"))).uid).toBe(0);
      expect((await stat(there.folder)).uid).toBe(0);
    });

    it.each(ways)(
      "can be stopped by its worker, with all it started, %s",
      async (_way, sandboxed) => {
        const there = await place();
        const abort = new AbortController();
        const busy = "while :; do echo beat; sleep 0.05; done";
        const { ending } = await asNobody(
          there,
          `trap '' TERM; setsid sh -c 'trap "" TERM; ${busy}' sh "$1" & ${busy}`,
          sandboxed,
          { signal: abort.signal, onOutput: () => abort.abort() },
        );
        expect(ending.kind).toBe("cancelled");
        expect(await processesNaming(there.worktree)).toEqual([]);
      },
    );

    it("is refused for a user who isn't there, and for root", async () => {
      const { dataDir } = await place();
      expect(lookUpUser("no-such-user", dataDir, SEARCH_PATH)).toEqual({
        why: "there is no user no-such-user on this machine",
      });
      expect(lookUpUser("root", dataDir, SEARCH_PATH)).toEqual({ why: "root is root" });
    });

    it("is refused where the user can't reach DATA_DIR", async () => {
      const { folder, dataDir } = await place();
      await chmod(folder, 0o700);
      expect(lookUpUser(NOBODY, dataDir, SEARCH_PATH)).toEqual({
        why: expect.stringContaining("can't be entered"),
      });
    });
  },
);
