import { lstat, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { modelRun } from "../../support/anthropic-run.js";
import { toolUses } from "../../support/fake-anthropic.js";
import { temporaryFolder } from "../../support/run-context.js";

const DONE = { kind: "text", text: "done" } as const;
const CANARY = "sk-ant-canary-4711";
const bash = (command: string, timeout_ms?: number) => ["bash", { command, timeout_ms }] as const;

describe("the file tools", () => {
  it("stay in the worktree, whatever a command planted there", async () => {
    const outside = await temporaryFolder();
    await writeFile(join(outside, "secret.txt"), `${CANARY}\n`);
    await mkdir(join(outside, "folder"));
    await writeFile(join(outside, "folder/deep.txt"), `${CANARY}\n`);
    const run = await modelRun();
    const secret = join(outside, "secret.txt");
    run.api.script(
      toolUses(
        bash(
          `ln -s ${outside} out; ln -s ${secret} file; ln -s ${outside}/new dangling; ln -s out hop`,
        ),
      ),
      toolUses(
        ["read", { file_path: "out/secret.txt" }],
        ["read", { file_path: "file" }],
        ["read", { file_path: "hop/folder/deep.txt" }],
        ["read", { file_path: secret }],
        ["read", { file_path: `../${outside.split("/").at(-1)}/secret.txt` }],
        ["read", { file_path: "/proc/self/environ" }],
        ["write", { file_path: "out/planted.txt", content: "x" }],
        ["write", { file_path: "dangling", content: "x" }],
        ["write", { file_path: "file", content: "x" }],
        ["write", { file_path: "hop/made/deep.txt", content: "x" }],
        ["edit", { file_path: "file", old_string: "canary", new_string: "x" }],
        ["grep", { pattern: "canary", path: "out" }],
        ["grep", { pattern: "canary", path: "file" }],
        ["grep", { pattern: "canary", path: outside }],
        ["grep", { pattern: "canary" }],
      ),
      DONE,
    );
    expect((await run.run()).kind).toBe("finished");
    const results = run.results();
    expect(results.slice(0, -1).every(({ error }) => error)).toBe(true);
    expect(results.at(-1)).toEqual({ text: "no matches", error: false });
    expect(JSON.stringify(run.api.requests) + run.output()).not.toContain(CANARY);
    expect(await readFile(secret, "utf8")).toBe(`${CANARY}\n`);
    for (const name of ["planted.txt", "new", "made"]) {
      await expect(lstat(join(outside, name))).rejects.toThrow("ENOENT");
    }
  });

  it("wait for the commands before them, so that none swaps a path while they look", async () => {
    const outside = await temporaryFolder();
    await writeFile(join(outside, "a.txt"), CANARY);
    const run = await modelRun();
    await mkdir(join(run.context.worktree, "real"));
    await writeFile(join(run.context.worktree, "real/a.txt"), "mine");
    const read = ["read", { file_path: "door/a.txt" }] as const;
    run.api.script(
      toolUses(
        bash(`ln -s ${outside} door; sleep 0.3; ln -sfn real door`),
        read,
        bash("true"),
        read,
      ),
      DONE,
    );
    expect((await run.run()).kind).toBe("finished");
    expect(run.results().map(({ text }) => text)).toEqual([
      "(no output)",
      "mine",
      "(no output)",
      "mine",
    ]);
  });

  it("follow a link that stays inside, and a worktree that is reached by one", async () => {
    const folder = await temporaryFolder();
    const run = await modelRun();
    await symlink(run.context.worktree, join(folder, "tree"));
    const linked = await modelRun({}, {}, { worktree: join(folder, "tree") });
    await writeFile(join(run.context.worktree, "a.txt"), "inside");
    linked.api.script(
      toolUses(bash("ln -s a.txt b.txt")),
      toolUses(["read", { file_path: "b.txt" }]),
      DONE,
    );
    await linked.run();
    expect(linked.results()).toEqual([{ text: "inside", error: false }]);
  });
});

describe("the shell", () => {
  it("sees the allowed variables and no others, and a home of its own", async () => {
    const environment = {
      PATH: process.env.PATH,
      ANTHROPIC_API_KEY: CANARY,
      GITEA_TOKEN: CANARY,
      REDIS_URL: `redis://:${CANARY}@localhost`,
      MY_KEY: "mine",
    };
    const run = await modelRun({ env: ["MY_KEY", "ANTHROPIC_API_KEY"] }, { environment });
    run.api.script(
      toolUses(bash("env | cut -d= -f1 | sort; echo $HOME $TMPDIR $MY_KEY; pwd")),
      DONE,
    );
    await run.run();
    const [result] = run.results();
    const { privatePath, worktree } = run.context;
    expect(
      result?.text
        .split("\n")
        .filter((name) => !["_", "SHLVL", "PWD", "STAGECOACH_MARK"].includes(name)),
    ).toEqual([
      "HOME",
      "MY_KEY",
      "PATH",
      "TMPDIR",
      `${join(privatePath, "home")} ${join(privatePath, "tmp")} mine`,
      worktree,
      "",
    ]);
  });

  it("never tells the key: not to the model, the log, the prompt or the worktree", async () => {
    const run = await modelRun();
    run.api.script(toolUses(bash("env; set; cat /proc/self/environ; ls -a . $HOME $TMPDIR")), DONE);
    const ending = await run.run();
    const everything = JSON.stringify([run.api.requests, ending]) + run.output();
    expect(everything).not.toContain(run.api.apiKey);
  });

  it("starts every command the way its container says, in the agent's confines", async () => {
    const confined: unknown[] = [];
    const run = await modelRun(
      { sandbox: "bubblewrap" },
      {
        contain: (command, confines) => {
          confined.push(confines);
          return ["/usr/bin/env", "CONTAINED=yes", ...command];
        },
      },
    );
    run.api.script(toolUses(bash("echo $CONTAINED")), DONE);
    await run.run();
    expect(run.results()).toEqual([{ text: "yes\n", error: false }]);
    const { borrows, privatePath, settings, worktree } = run.context;
    expect(confined).toEqual([{ settings, worktree, borrows, privatePath }]);
  });

  it("stops a command at the time it was given, and leaves nothing running in the background", async () => {
    const run = await modelRun();
    run.api.script(
      toolUses(bash("echo begun; sleep 60", 300), bash("sleep 600 & echo $! > pid")),
      // Dead and waiting to be reaped is gone.
      toolUses(
        bash(
          'case "$(cat /proc/$(cat pid)/stat 2>/dev/null)" in ""|*" Z "*) echo gone;; *) echo alive; esac',
        ),
      ),
      DONE,
    );
    await run.run();
    expect(JSON.stringify(run.api.requests.at(-1))).toContain("stopped after 300 ms");
    expect(run.results()).toEqual([{ text: "gone\n", error: false }]);
  });

  it("gives the model start and end of a long output, and the log its start", async () => {
    const run = await modelRun();
    run.api.script(toolUses(bash("echo first; seq 1 100000; echo last")), DONE);
    await run.run();
    const [result] = run.results();
    expect(result?.text).toMatch(/^first\n1\n2\n.*… \d+ characters ….*\nlast\n$/s);
    expect(result?.text.length).toBeLessThan(31_000);
    expect(run.output()).toContain("first");
    expect(run.output().length).toBeLessThan(6_000);
  });

  it("has no input to wait for", async () => {
    const run = await modelRun();
    run.api.script(toolUses(bash("cat; read -r line || echo none")), DONE);
    await run.run();
    expect(run.results()).toEqual([{ text: "none\n", error: false }]);
  });
});
