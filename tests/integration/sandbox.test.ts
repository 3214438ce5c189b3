import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, realpath, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createCommandRunner } from "../../src/agents/command.js";
import { createContain } from "../../src/agents/sandbox.js";
import type { RunnerEnding } from "../../src/domain/run.js";
import { createGit } from "../../src/workspace/git.js";
import { plantAgentGit } from "../../src/workspace/git-dirs.js";
import { createRemote } from "../support/git-remote.js";
import { processesNaming } from "../support/processes-naming.js";
import { temporaryFolder, tryRun } from "../support/run-context.js";
import { bubblewrapHere, NO_SANDBOX, SEARCH_PATH, SKIPPED } from "../support/sandbox.js";

const CANARY = "canary-4f1d9b";
const never = () => new AbortController().signal;

/** A DATA_DIR with an item and its neighbour, a home, a secret file and a program of the operator's. */
async function machine() {
  const folder = await realpath(await temporaryFolder());
  const dataDir = join(folder, "fleet/data");
  const place = {
    folder,
    dataDir,
    home: join(folder, "home"),
    programs: join(folder, "fleet/programs"),
    worktree: join(dataDir, "work/items/ET-001/tree"),
    privatePath: join(dataDir, "work/items/ET-001/private"),
    neighbour: join(dataDir, "work/items/ET-002/tree"),
    objects: join(dataDir, "work/mirrors/rocket.git/objects"),
    secretFile: join(folder, "fleet/programs/token"),
  };
  for (const path of [
    place.home,
    place.worktree,
    place.privatePath,
    place.neighbour,
    place.objects,
  ]) {
    await mkdir(path, { recursive: true });
  }
  await mkdir(join(place.home, ".ssh"));
  await mkdir(place.programs);
  await writeFile(join(place.home, ".ssh/id_ed25519"), CANARY);
  await writeFile(join(place.neighbour, "work.txt"), CANARY);
  await writeFile(join(dataDir, "redis.aof"), CANARY);
  await writeFile(place.secretFile, CANARY);
  return place;
}

type Machine = Awaited<ReturnType<typeof machine>>;

async function run(place: Machine, command: readonly string[], options: Options = {}) {
  const { dataDir, home, secretFile } = place;
  const bubblewrap = bubblewrapHere({ dataDir, home, secretFiles: [secretFile], folders: [] });
  const contain = createContain({ bubblewrap, users: new Map(), searchPath: SEARCH_PATH });
  const environment = { PATH: SEARCH_PATH, GITEA_TOKEN: CANARY };
  const runner = createCommandRunner({ environment, contain, graceMs: options.graceMs ?? 2_000 });
  const { worktree, privatePath, objects } = place;
  let output = "";
  const log = (chunk: string) => {
    output += chunk;
    options.onOutput?.(output);
  };
  const over = { worktree, privatePath, borrows: [objects], log };
  const { context } = await tryRun({ command, sandbox: "bubblewrap", ...options.settings }, over);
  const ending: RunnerEnding = await runner(context, options.signal ?? never());
  return { ending, output };
}

interface Options {
  readonly settings?: Parameters<typeof tryRun>[0];
  readonly signal?: AbortSignal;
  readonly graceMs?: number;
  readonly onOutput?: (output: string) => void;
}

const sh = (place: Machine, script: string, options: Options = {}) =>
  run(place, ["/bin/sh", "-c", script], options);

describe.skipIf(NO_SANDBOX !== null)(`a command in the sandbox${SKIPPED}`, () => {
  it("works in its tree, with its prompt, its folders and its result", async () => {
    const place = await machine();
    const { ending, output } = await sh(
      place,
      `cat; pwd; echo made > made.txt; echo x > $HOME/x && mktemp -p $TMPDIR >/dev/null &&
       cat $STAGECOACH_PROMPT_FILE && echo '{"summary":"done"}' > $STAGECOACH_RESULT_FILE; node -p 6*7`,
    );
    expect(output).toBe(`do it\n${place.worktree}\ndo it\n42\n`);
    expect(ending).toMatchObject({ kind: "finished", report: { summary: "done" } });
    expect(await readFile(join(place.worktree, "made.txt"), "utf8")).toBe("made\n");
  });

  it("sees no process but its own and nobody else's environment", async () => {
    const { output } = await sh(
      await machine(),
      "cat /proc/[0-9]*/environ | tr '\\0' '\\n'; ls /proc",
    );
    expect(output).not.toContain(CANARY);
    const pids = output.split("\n").filter((line) => /^\d+$/.test(line));
    expect(pids.length).toBeGreaterThan(1);
    expect(pids.length).toBeLessThan(8);
  });

  it("reads neither DATA_DIR, nor homes, nor secret files, nor what others keep in /tmp", async () => {
    const place = await machine();
    const { output } = await sh(
      place,
      `cat ${place.home}/.ssh/* ${place.neighbour}/* ${place.dataDir}/redis.aof ${place.secretFile}
       ln -s ${place.neighbour}/work.txt link; cat link; ls /tmp ${homedir()} ${place.dataDir}/work/items`,
    );
    expect(output).not.toContain(CANARY);
    expect(output).toContain("items:\nET-001\n");
    expect(output).not.toMatch(/^ET-002$/m);
    expect(await readdir("/tmp")).not.toEqual([]);
    expect(output).not.toContain((await readdir(homedir()))[0] ?? "nothing is at home");
  });

  it("writes nowhere else, and never seems to", async () => {
    const place = await machine();
    const targets = [
      "/etc/planted",
      "/usr/bin/planted",
      `${homedir()}/planted`,
      `${place.dataDir}/planted`,
      `${place.dataDir}/work/items/ET-001/git`,
      `${place.objects}/planted`,
      "/proc/sys/kernel/core_pattern",
      "/run/planted",
    ];
    const { output } = await sh(
      place,
      targets.map((path) => `(echo x >> ${path}) 2>/dev/null && echo wrote ${path}`).join("\n"),
    );
    expect(output).toBe("");
    expect(targets.filter((path) => path.includes("planted") && existsSync(path))).toEqual([]);
  });

  it("can't undo its confines", async () => {
    const { output } = await sh(
      await machine(),
      `umount /tmp; mount -t tmpfs x /mnt; mount -o remount,rw /; unshare -Ur true
       for attempt in umount; do grep '^CapEff' /proc/self/status; done`,
    );
    expect(output).toMatch(/CapEff:\s+0+$/m);
    expect(output).not.toContain("uid=");
  });

  it("may read the program it is started by, and paths it is given, but no secret beside them", async () => {
    const place = await machine();
    const agent = join(place.programs, "agent.sh");
    await writeFile(join(place.programs, "lib.sh"), "echo from the library\n");
    const given = join(place.folder, "given.txt");
    await writeFile(given, "given\n");
    await writeFile(agent, `#!/bin/sh\n. ${place.programs}/lib.sh; cat "$1" ${place.secretFile}`);
    await chmod(agent, 0o755);
    const { output } = await run(place, [agent, given]);
    expect(output).toContain("from the library\ngiven\n");
    expect(output).not.toContain(CANARY);
  });

  it("isn't shown what a link in its tree, or a script, calls a program", async () => {
    const place = await machine();
    const program = join(place.home, "tools/program");
    await mkdir(join(place.home, "tools"));
    await writeFile(program, `#!/bin/sh\necho ${CANARY}\n`, { mode: 0o755 });
    await symlink(program, join(place.worktree, "test.sh"));
    for (const command of [["./test.sh"], ["/bin/sh", "-c", program]]) {
      const { ending, output } = await run(place, command);
      expect(output).not.toContain(CANARY);
      expect(ending.kind).toBe("failed");
    }
  });

  it("gets DATA_DIR and homes hidden even where it is given a folder around them", async () => {
    const place = await machine();
    const script = `find "$1" -type f | xargs cat; echo looked`;
    const { output } = await run(place, ["/bin/sh", "-c", script, "sh", place.folder]);
    expect(output).toContain("looked");
    expect(output).not.toContain(CANARY);
    const around = await run(place, ["/bin/sh", "-c", script, "sh", join(place.folder, "fleet")]);
    expect(around.output).toContain("looked");
    expect(around.output).not.toContain(CANARY);
  });

  it("finds git working in its tree: log, status and diff", async () => {
    const place = await machine();
    const remote = await createRemote({ "a.txt": "one\n" });
    onTestFinished(() => remote.remove());
    const git = createGit({ PATH: SEARCH_PATH });
    const head = (await remote.ref("refs/heads/main")) ?? "";
    const index = join(place.dataDir, "index");
    const call = { gitDir: remote.path, workTree: place.worktree, index };
    expect((await git(["read-tree", "-u", "--reset", head], call)).code).toBe(0);
    await plantAgentGit({
      tree: place.worktree,
      branch: "feature/ET-001",
      head,
      baseBranch: "main",
      base: head,
      borrow: [place.objects],
      index,
    });
    await remote.git("gc", "--quiet");
    const pack = join(place.objects, "pack");
    await mkdir(pack, { recursive: true });
    for (const name of await readdir(join(remote.path, "objects/pack"))) {
      await writeFile(join(pack, name), await readFile(join(remote.path, "objects/pack", name)));
    }
    const { output } = await sh(
      place,
      "git log --format=%s; echo two >> a.txt; git status --short; git diff --stat; git commit -qam mine && git log -1 --format=%s",
    );
    expect(output).toContain("begin\n M a.txt\n");
    expect(output).toContain("1 file changed");
    expect(output).toMatch(/mine\n$/);
  });

  it.each([
    ["exit 0", { kind: "finished" }],
    ["echo busy; exit 75", { kind: "transient", reason: "exit code 75: busy" }],
    ["echo why >&2; exit 3", { kind: "failed", reason: "exit code 3: why" }],
    ["kill -SEGV $$", { kind: "failed", reason: "exit code 139" }],
  ])("ends as the command does: %s", async (script, expected) => {
    expect((await sh(await machine(), script)).ending).toMatchObject(expected);
  });

  it("is transient when the program isn't there", async () => {
    const { ending } = await run(await machine(), ["no-such-agent"]);
    expect(ending).toMatchObject({
      kind: "transient",
      reason: expect.stringContaining("can't start"),
    });
  });

  it("lets the command hear TERM and clean up before KILL", async () => {
    const place = await machine();
    const abort = new AbortController();
    const { ending } = await sh(
      place,
      "trap 'sleep 0.3; echo cleaned > cleaned.txt; exit 0' TERM; echo ready; while :; do sleep 0.05; done",
      {
        signal: abort.signal,
        graceMs: 20_000,
        onOutput: (said) => said.includes("ready") && abort.abort(),
      },
    );
    expect(ending.kind).toBe("cancelled");
    expect(await readFile(join(place.worktree, "cleaned.txt"), "utf8")).toBe("cleaned\n");
  });

  it("leaves nothing of it running, not even what forgot its environment and its session", async () => {
    const place = await machine();
    const { ending } = await sh(
      place,
      `env -i PATH="$PATH" setsid sh -c 'trap "" TERM HUP; while :; do echo beat > ${place.worktree}/beat; sleep 0.05; done' &
       while ! [ -e beat ]; do sleep 0.05; done`,
    );
    expect(ending.kind).toBe("finished");
    expect(await processesNaming(place.worktree)).toEqual([]);
  });

  it("follows a worktree whose DATA_DIR is reached through a symlink", async () => {
    const place = await machine();
    const link = join(place.folder, "link");
    await symlink(place.dataDir, link);
    const linked = {
      ...place,
      dataDir: link,
      worktree: join(link, "work/items/ET-001/tree"),
      privatePath: join(link, "work/items/ET-001/private"),
    };
    const { output } = await sh(
      linked,
      `echo x > $HOME/x && cat $HOME/x; ls ${place.dataDir}/work/items`,
    );
    expect(output).toBe("x\nET-001\n");
  });
});
