import { execFile } from "node:child_process";
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Project } from "../../src/domain/fleet.js";
import type { Checkout, OpenCheckout } from "../../src/engine/workspace.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { createWorkspace, type GitWorkspace } from "../../src/workspace/create-workspace.js";
import { createRemote, type GitRemote } from "../support/git-remote.js";

const run = promisify(execFile);
const BRANCH = "feature/ET-001-add-search";
const HEAD = `refs/heads/${BRANCH}`;
const FENCE = "refs/stagecoach/fence/ET-001";
const ARTIFACTS = "docs/work-items/ET-001";
const SECRET = "tok-4f9a1c77e2";

let remote: GitRemote;
let dataDir: string;
let workspace: GitWorkspace;
let opened: Checkout[];

beforeEach(async () => {
  remote = await createRemote({ "README.md": "# rocket\n", "src/a.txt": "one\n" });
  dataDir = await mkdtemp(join(tmpdir(), "stagecoach-data-"));
  workspace = workspaceIn(dataDir);
  opened = [];
});

afterEach(async () => {
  for (const checkout of opened) await checkout.close();
  await run("chmod", ["-R", "u+rwx", dataDir]);
  await rm(dataDir, { recursive: true, force: true });
  await remote.remove();
});

function workspaceIn(folder: string): GitWorkspace {
  return createWorkspace({
    dataDir: folder,
    log: silentLogger(),
    environment: { PATH: process.env.PATH },
    secrets: [SECRET],
  });
}

function project(over: Partial<Project> = {}): Project {
  return {
    name: "rocket",
    repo: null,
    remote: remote.path,
    baseBranch: "main",
    plane: null,
    prefix: "ET",
    pipeline: "full",
    maxConcurrentRuns: 1,
    gates: {
      "tests-local": { command: ["true"], timeoutMinutes: 1 },
      "ci-green": { contexts: [] },
    },
    agents: {},
    protectedPaths: [".gitea/**", ".github/**"],
    dependenciesMetBy: "done",
    onDone: { merge: false, closeIssue: false },
    ...over,
  };
}

let tokens = 0;
async function open(over: Partial<OpenCheckout> = {}, by = workspace): Promise<Checkout> {
  tokens += 1;
  const checkout = await by.open({
    project: project(),
    item: "ET-001",
    branch: BRANCH,
    role: "developer",
    token: `token-${tokens}`,
    task: "# Add search\n",
    blockers: [],
    ...over,
  });
  opened.push(checkout);
  return checkout;
}

async function put(checkout: Checkout, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(checkout.path, name)), { recursive: true });
    await writeFile(join(checkout.path, name), text);
  }
}

const read = (checkout: Checkout, name: string) => readFile(join(checkout.path, name), "utf8");

describe("opening a checkout", () => {
  it("creates the branch from the base with the task and moves the fence with it", async () => {
    const base = await remote.ref("main");
    const checkout = await open();
    expect(await remote.ref(HEAD)).toBe(checkout.head);
    expect(await remote.read(HEAD, `${ARTIFACTS}/00-task.md`)).toBe("# Add search\n");
    expect(await remote.git("rev-parse", `${HEAD}^`)).toBe(base);
    expect(await remote.git("log", "-1", "--format=%an <%ae> %cn", HEAD)).toBe(
      "stagecoach <stagecoach@localhost> stagecoach",
    );
    expect(await remote.git("log", "-1", "--format=%B", FENCE)).toContain(`token-${tokens}`);
    expect(await read(checkout, "src/a.txt")).toBe("one\n");
  });

  it("takes an existing branch as it is, from another host too", async () => {
    const first = await open();
    await first.close();
    const head = await remote.commit(BRANCH, { "src/b.txt": "person\n" });
    const elsewhere = workspaceIn(join(dataDir, "other-host"));
    const second = await open({ task: "something else" }, elsewhere);
    expect(second.head).toBe(head);
    expect(await read(second, "src/b.txt")).toBe("person\n");
    expect(await read(second, `${ARTIFACTS}/00-task.md`)).toBe("# Add search\n");
  });

  it("lays out exactly the head, whatever the last run left", async () => {
    const first = await open();
    const victim = join(dataDir, "victim");
    await mkdir(victim);
    await writeFile(join(victim, "precious"), "keep");
    await put(first, { "locked/deep/file": "x", ".gitignore": "ignored/\n", "ignored/y": "y" });
    await rm(join(first.path, "src"), { recursive: true });
    await symlink(victim, join(first.path, "src"));
    await run("git", ["init", "-q", join(first.path, "nested")]);
    await chmod(join(first.path, "locked/deep"), 0o500);
    await chmod(join(first.path, "locked"), 0o000);
    await rm(join(first.path, ".git"), { recursive: true });
    await symlink(victim, join(first.path, ".git"));
    await first.close();

    const second = await open();
    expect((await readdir(second.path)).sort()).toEqual([".git", "README.md", "docs", "src"]);
    expect(await read(second, "src/a.txt")).toBe("one\n");
    expect((await lstat(join(second.path, ".git"))).isDirectory()).toBe(true);
    expect(await readdir(victim)).toEqual(["precious"]);
  });

  it("merges unmerged blockers into a new branch, and skips what is gone or known", async () => {
    await remote.commit("feature/ET-002", { "src/b.txt": "two\n" }, "blocker");
    const base = await remote.git("rev-parse", "main");
    await remote.git("update-ref", "refs/heads/feature/ET-003", base);
    const checkout = await open({
      blockers: ["feature/ET-002", "feature/ET-003", "feature/ET-009-gone"],
    });
    expect(await read(checkout, "src/b.txt")).toBe("two\n");
    expect(await remote.git("rev-list", "--count", "--merges", HEAD)).toBe("1");
  });

  it("names the files when a blocker conflicts, and creates nothing", async () => {
    await remote.git("branch", "feature/ET-002", "main");
    await remote.git("branch", "feature/ET-003", "main");
    await remote.commit("feature/ET-002", { "src/a.txt": "two\n" });
    await remote.commit("feature/ET-003", { "src/a.txt": "three\n" });
    const opening = open({ blockers: ["feature/ET-002", "feature/ET-003"] });
    await expect(opening).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("src/a.txt"),
    });
    expect(await remote.ref(HEAD)).toBeNull();
    expect(await remote.ref(FENCE)).toBeNull();
  });

  it("says when the remote can't be reached", async () => {
    const away = project({ remote: join(dataDir, "nowhere.git") });
    await expect(open({ project: away })).rejects.toMatchObject({ code: "remote-unavailable" });
    await expect(workspace.head(away, "main")).rejects.toMatchObject({
      code: "remote-unavailable",
    });
  });

  it.each(["--upload-pack=x", "a..b", "a b", "x/-y", "feature/\u202eevil", "a.lock", "@{u}", ""])(
    "refuses the branch name %j",
    async (branch) => {
      await expect(open({ branch })).rejects.toMatchObject({ code: "unsafe-name" });
    },
  );

  it("gives the agent a repository of its own, with history and its base", async () => {
    const checkout = await open();
    const git = async (...args: string[]) =>
      (await run("git", args, { cwd: checkout.path })).stdout.trim();
    expect(await git("status", "--porcelain")).toBe("");
    expect(await git("rev-parse", "--abbrev-ref", "HEAD")).toBe(BRANCH);
    expect(await git("diff", "--name-only", "origin/main")).toBe(`${ARTIFACTS}/00-task.md`);
  });
});

describe("pushing", () => {
  it("folds an agent's own commits into one by stagecoach", async () => {
    const checkout = await open();
    const git = (...args: string[]) => run("git", args, { cwd: checkout.path });
    for (const text of ["two\n", "three\n"]) {
      await put(checkout, { "src/a.txt": text });
      await git("commit", "-qam", `agent ${text}`);
    }
    const { commit, wrote } = await checkout.push("ET-001: development");
    expect(wrote).toEqual([]);
    expect(await remote.ref(HEAD)).toBe(commit);
    expect(await remote.read(HEAD, "src/a.txt")).toBe("three\n");
    expect(await remote.log(`main..${HEAD}`)).toEqual([
      "ET-001: development",
      "ET-001: take the task",
    ]);
  });

  it("pushes nothing when nothing changed", async () => {
    const checkout = await open();
    const fence = await remote.ref(FENCE);
    expect((await checkout.push("nothing")).commit).toBe(checkout.head);
    expect(await remote.ref(FENCE)).toBe(fence);
  });

  it.each(["the same host", "another host"])(
    "refuses the run whose fence was taken over on %s, and lets its successor push",
    async (place) => {
      const first = await open();
      const by = place === "another host" ? workspaceIn(join(dataDir, "b")) : workspaceIn(dataDir);
      const second = await open({}, by);
      expect(second.path).not.toBe(first.path);
      await put(first, { "src/a.txt": "old owner\n" });
      await put(second, { "src/a.txt": "successor\n" });
      await expect(first.push("late")).rejects.toMatchObject({ code: "superseded" });
      const { commit } = await second.push("work");
      await expect(first.push("later still")).rejects.toMatchObject({ code: "superseded" });
      expect(await remote.ref(HEAD)).toBe(commit);
      expect(await remote.read(HEAD, "src/a.txt")).toBe("successor\n");
    },
  );

  it("tells a run that lost its item even when it changed nothing", async () => {
    const first = await open();
    await open();
    await expect(first.push("nothing")).rejects.toMatchObject({ code: "superseded" });
  });

  it("is superseded when a person pushed to the branch, and leaves the fence alone", async () => {
    const checkout = await open();
    const fence = await remote.ref(FENCE);
    const head = await remote.commit(BRANCH, { "src/b.txt": "person\n" });
    await put(checkout, { "src/a.txt": "two\n" });
    await expect(checkout.push("late")).rejects.toMatchObject({ code: "superseded" });
    expect(await remote.ref(HEAD)).toBe(head);
    expect(await remote.ref(FENCE)).toBe(fence);
  });

  it("reports a push the remote's own rules refuse as a failure, not as superseded", async () => {
    const checkout = await open();
    const hook = join(remote.path, "hooks/pre-receive");
    await writeFile(hook, "#!/bin/sh\necho not today >&2\nexit 1\n", { mode: 0o755 });
    await put(checkout, { "src/a.txt": "two\n" });
    await expect(checkout.push("work")).rejects.toMatchObject({
      code: "git-failed",
      message: expect.stringContaining("pre-receive hook declined"),
    });
  });

  it("puts back artifacts the role may not write, and other items' folders", async () => {
    await remote.commit("main", { "docs/work-items/ET-000/12-review.md": "verdict: APPROVED\n" });
    const checkout = await open();
    await put(checkout, {
      [`${ARTIFACTS}/12-review.md`]: "verdict: APPROVED\n",
      [`${ARTIFACTS}/00-task.md`]: "easier task\n",
      [`${ARTIFACTS}/11-implementation.md`]: "notes\n",
      "docs/work-items/ET-000/12-review.md": "verdict: REQUEST_CHANGES\n",
      "docs/work-items/ET-777/12-review.md": "verdict: APPROVED\n",
    });
    const { commit, wrote } = await checkout.push("work");
    expect(wrote).toEqual([]);
    expect(await remote.files(commit)).toEqual([
      "README.md",
      "docs/work-items/ET-000/12-review.md",
      `${ARTIFACTS}/00-task.md`,
      `${ARTIFACTS}/11-implementation.md`,
      "src/a.txt",
    ]);
    expect(await remote.read(commit, `${ARTIFACTS}/00-task.md`)).toBe("# Add search\n");
    expect(await remote.read(commit, "docs/work-items/ET-000/12-review.md")).toBe(
      "verdict: APPROVED\n",
    );
  });

  it("takes the old verdict out before the reviewer, so that only a new one counts", async () => {
    const old = { [`${ARTIFACTS}/12-review.md`]: "verdict: APPROVED\n" };
    await (await open()).close();
    await remote.commit(BRANCH, old);
    const silent = await open({ role: "reviewer" });
    expect(silent.takenOut).toEqual({ "12-review.md": "verdict: APPROVED\n" });
    await expect(lstat(join(silent.path, ARTIFACTS, "12-review.md"))).rejects.toThrow();
    const without = await silent.push("review");
    expect(without.wrote).toEqual([]);
    expect(await remote.read(without.commit, `${ARTIFACTS}/12-review.md`)).toBeNull();
    await silent.close();

    await remote.commit(BRANCH, old);
    const again = await open({ role: "reviewer" });
    await put(again, old);
    const same = await again.push("review");
    expect(same).toEqual({ commit: again.head, wrote: ["12-review.md"] });
  });

  it("commits artifacts even where the repository ignores their folder", async () => {
    await remote.commit("main", { ".gitignore": "docs/\nbuild/\n" });
    const checkout = await open({ role: "tester" });
    await put(checkout, {
      [`${ARTIFACTS}/13-test-report.md`]: "verdict: PASS\n",
      "build/out.js": "x",
    });
    const { commit, wrote } = await checkout.push("test");
    expect(wrote).toEqual(["13-test-report.md"]);
    expect(await remote.read(commit, `${ARTIFACTS}/13-test-report.md`)).toBe("verdict: PASS\n");
    expect(await remote.files(commit)).not.toContain("build/out.js");
  });

  it.each(["docs/work-items", "docs", ARTIFACTS])(
    "neither writes nor deletes through a symlink planted at %s",
    async (planted) => {
      const outside = join(dataDir, "outside");
      const file = join(outside, "ET-001/12-review.md");
      for (const folder of ["ET-001", "work-items/ET-001"]) {
        await mkdir(join(outside, folder), { recursive: true });
        for (const name of ["12-review.md", "10-conflict.md"]) {
          await writeFile(join(outside, folder, name), "mine");
        }
      }
      await writeFile(join(outside, "12-review.md"), "mine");
      const first = await open();
      await rm(join(first.path, planted), { recursive: true });
      await symlink(outside, join(first.path, planted));
      await put(first, { "src/a.txt": "two\n" });
      const { commit } = await first.push("work");
      expect(await remote.read(commit, `${ARTIFACTS}/00-task.md`)).toBe("# Add search\n");
      await first.close();

      // A person's commit may bring such a link too.
      const work = join(dataDir, "person");
      await run("git", ["clone", "-q", "-b", BRANCH, remote.path, work]);
      await rm(join(work, planted), { recursive: true });
      await symlink(outside, join(work, planted));
      const me = ["-c", "user.name=a", "-c", "user.email=a@b"];
      await run("git", ["add", "-A"], { cwd: work });
      await run("git", [...me, "commit", "-qm", "link"], { cwd: work });
      await run("git", ["push", "-q"], { cwd: work });
      const second = await open({ role: "reviewer" });
      expect(second.takenOut).toEqual({});
      expect((await second.push("review")).wrote).toEqual([]);
      expect(await readFile(file, "utf8")).toBe("mine");
    },
  );

  it("fails a run that touches a protected path, naming it", async () => {
    const checkout = await open();
    await put(checkout, { ".github/workflows/ci.yml": "on: push\n", "src/a.txt": "two\n" });
    await expect(checkout.push("work")).rejects.toMatchObject({
      code: "protected-path",
      message: expect.stringContaining(".github/workflows/ci.yml"),
    });
    expect(await remote.ref(HEAD)).toBe(checkout.head);
  });

  it.each([
    ["plain", SECRET],
    ["hex", Buffer.from(SECRET).toString("hex")],
    ["base64", Buffer.from(`user:${SECRET}`).toString("base64")],
    ["base64, wrapped", Buffer.from(`ab${SECRET}`).toString("base64").replace(/.{5}/g, "$&\n")],
    ["plain in binary", `\0\u0001${SECRET}\0`],
  ])("pushes nothing that carries a configured secret: %s", async (_, text) => {
    const checkout = await open();
    await put(checkout, { "src/config.bin": `first\n${text}\n` });
    const pushing = checkout.push("work");
    await expect(pushing).rejects.toMatchObject({
      code: "secret-found",
      message: expect.stringContaining("src/config.bin"),
    });
    await expect(pushing).rejects.not.toThrow(SECRET);
    expect(await remote.ref(HEAD)).toBe(checkout.head);
  });

  it("runs nothing that an agent planted: hooks, fsmonitor, filters, nested repositories", async () => {
    const checkout = await open();
    const witness = join(dataDir, "witness");
    const script = join(dataDir, "planted.sh");
    await writeFile(script, `#!/bin/sh\ntouch ${witness}\ncat\n`, { mode: 0o755 });
    const config = [
      `[core]\n\tfsmonitor = ${script}\n\thooksPath = ${dirname(script)}\n\tsshCommand = ${script}`,
      `[filter "evil"]\n\tclean = ${script}\n\tsmudge = ${script}\n\tprocess = ${script}`,
      `[diff "evil"]\n\tcommand = ${script}\n\ttextconv = ${script}\n`,
    ].join("\n");
    const workerGit = join(dirname(checkout.path), "git");
    for (const target of [join(checkout.path, ".git/config"), join(workerGit, "config")]) {
      await writeFile(target, config);
    }
    for (const folder of [join(checkout.path, ".git/hooks"), join(workerGit, "hooks")]) {
      await mkdir(folder, { recursive: true });
      for (const hook of ["pre-commit", "pre-push", "post-checkout", "reference-transaction"]) {
        await writeFile(join(folder, hook), `#!/bin/sh\ntouch ${witness}\n`, { mode: 0o755 });
      }
    }
    await mkdir(join(workerGit, "info"), { recursive: true });
    await writeFile(join(workerGit, "info/attributes"), "* filter=evil diff=evil\n");
    await put(checkout, { ".gitattributes": "* filter=evil diff=evil\n", "src/a.txt": "two\n" });
    await run("git", ["init", "-q", join(checkout.path, "nested")]);
    await put(checkout, { "nested/file.txt": "inside\n" });
    const nested = join(checkout.path, "nested");
    await run("git", ["add", "-A"], { cwd: nested });
    await run("git", ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"], {
      cwd: nested,
    });
    await writeFile(join(nested, ".git/config"), config);

    const { commit } = await checkout.push("work");
    await checkout.close();
    await open({ role: "reviewer" });
    const fresh = await workspace.fresh(project(), commit);
    await fresh.dispose();
    await expect(lstat(witness)).rejects.toThrow();
    expect(await remote.read(commit, "src/a.txt")).toBe("two\n");
    expect(await remote.read(commit, "nested/file.txt")).toBe("inside\n");
  });

  it("closes by removing what is private, and removes an item's checkout when asked", async () => {
    const checkout = await open();
    expect((await lstat(checkout.privatePath)).mode & 0o777).toBe(0o700);
    await workspace.remove("ET-001");
    expect(await readdir(checkout.path)).toContain("README.md");
    await checkout.close();
    await expect(lstat(checkout.privatePath)).rejects.toThrow();
    await workspace.remove("ET-001");
    await expect(lstat(checkout.path)).rejects.toThrow();
  });
});

describe("looking at commits", () => {
  it("reads, lists and compares, fetching what this host has never seen", async () => {
    const checkout = await open();
    await put(checkout, { "src/a.txt": "two\n", [`${ARTIFACTS}/11-notes.md`]: "ok\n" });
    const { commit } = await checkout.push("work");
    const person = await remote.commit(BRANCH, { "src/b.txt": "person\n", "src/a.txt": null });
    for (const by of [workspace, workspaceIn(join(dataDir, "elsewhere"))]) {
      expect(await by.head(project(), BRANCH)).toBe(person);
      expect(await by.head(project(), "feature/none")).toBeNull();
      const view = by.at(project(), person);
      expect(await view.read(`${ARTIFACTS}/11-notes.md`)).toBe("ok\n");
      expect(await view.read("src/a.txt")).toBeNull();
      expect(await view.read("src")).toBeNull();
      expect(await view.list(ARTIFACTS)).toEqual([
        `${ARTIFACTS}/00-task.md`,
        `${ARTIFACTS}/11-notes.md`,
      ]);
      expect(await view.list("no/such")).toEqual([]);
      expect(await view.changedSince(commit)).toEqual(["src/a.txt", "src/b.txt"]);
      expect(await view.changedSince("0123456789012345678901234567890123456789")).toEqual([]);
    }
  });

  it("packs a mirror without losing what checkouts borrow", async () => {
    const checkout = await open();
    await put(checkout, { "src/a.txt": "two\n" });
    const { commit } = await checkout.push("work");
    await workspace.pack(project());
    await workspace.pack(project());
    const mirror = join(dataDir, "work/mirrors/rocket.git");
    expect(await readdir(join(mirror, "objects"))).toEqual(["info", "pack"]);
    expect(await workspace.at(project(), commit).read("src/a.txt")).toBe("two\n");
    const log = await run("git", ["log", "--oneline"], { cwd: checkout.path });
    expect(log.stdout.trim().split("\n")).toHaveLength(2);
  });

  it("reads at most 1 MiB, and no symlink", async () => {
    const head = await remote.commit("main", { big: "x".repeat(1024 * 1024 + 10) });
    expect((await workspace.at(project(), head).read("big"))?.length).toBe(1024 * 1024);
  });

  it("gives gates a fresh checkout and removes it", async () => {
    const head = await remote.commit("main", { "run.sh": "exit 0\n" });
    const [first, second] = await Promise.all([
      workspace.fresh(project(), head),
      workspace.fresh(project(), head),
    ]);
    expect(first.path).not.toBe(second.path);
    await writeFile(join(first.path, "left-over"), "x");
    expect((await readdir(second.path)).sort()).toEqual([".git", "README.md", "run.sh", "src"]);
    await first.dispose();
    await expect(lstat(first.path)).rejects.toThrow();
    expect(await readdir(second.path)).toContain("run.sh");
    await second.dispose();
  });
});
