import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Checkout } from "../../src/engine/workspace.js";
import {
  BRANCH,
  HEAD,
  put,
  run,
  SECRET,
  type WorkspaceWorld,
  workspaceWorld,
} from "../support/workspace-world.js";

const ARTIFACTS = "docs/work-items/ET-001";
describe("what a run leaves", () => {
  const inUtf16 = (text: string) => Buffer.from(text, "utf16le");
  const base64At = (offset: number) =>
    Buffer.concat([Buffer.alloc(offset, "x"), Buffer.from(SECRET), Buffer.from("tail")]).toString(
      "base64",
    );
  const urlSafe = (text: string) => text.replaceAll("+", "-").replaceAll("/", "_");
  const hex = Buffer.from(SECRET).toString("hex");
  const half = SECRET.length / 2;
  const SECRETS: Readonly<Record<string, Readonly<Record<string, string | Buffer>>>> = {
    plain: { "a.txt": `x ${SECRET} y` },
    "base64, first alignment": { "a.txt": base64At(0) },
    "base64, second alignment": { "a.txt": base64At(1) },
    "base64, third alignment": { "a.txt": base64At(2) },
    "base64, url-safe": { "a.txt": urlSafe(base64At(1)) },
    "base64, wrapped": { "a.txt": base64At(2).replace(/.{7}/g, "$&\r\n") },
    "hex, small": { "a.txt": hex },
    "hex, capital": { "a.txt": hex.toUpperCase() },
    "hex, in pairs": { "a.txt": hex.replace(/../g, "$& ") },
    "percent-encoded": { "a.txt": encodeURIComponent(SECRET) },
    "split over lines": { "a.txt": `${SECRET.slice(0, half)}\n${SECRET.slice(half)}\n` },
    "in UTF-16": { "a.txt": inUtf16(`x${SECRET}`) },
    "in a binary": { "a.bin": Buffer.concat([Buffer.alloc(9_000), Buffer.from(SECRET)]) },
    "far into a line": { "a.txt": `${"x".repeat(9_000_000)}${SECRET}${"y".repeat(100)}` },
    "in a file's name": { [`dir/${urlSafe(base64At(0))}.txt`]: "x" },
    "in a folder's name": { [`${hex}/a.txt`]: "x" },
    "under attributes that hide it": {
      ".gitattributes":
        "*.txt binary -diff export-ignore\n*.txt diff=none filter=none merge=binary\n",
      "a.txt": SECRET,
    },
    "under an encoding of the working tree": {
      ".gitattributes": "*.txt text working-tree-encoding=UTF-16LE\n",
      "a.txt": inUtf16(`${SECRET}\n`),
    },
    "in a submodule's address": {
      ".gitmodules": `[submodule "a"]\n\tpath = a\n\turl = https://x:${SECRET}@host/a.git\n`,
    },
    "in an artifact": { [`${ARTIFACTS}/11-implementation.md`]: `see ${SECRET}` },
    "below a folder the repository ignores": {
      ".gitignore": "docs/\n",
      [`${ARTIFACTS}/11-implementation.md`]: SECRET,
    },
  };

  it.each(Object.keys(SECRETS))("is not pushed when it carries a secret: %s", async (name) => {
    const world = await workspaceWorld();
    const checkout = await world.open();
    await put(checkout, SECRETS[name] ?? {});
    await refusedFor(world, checkout, "work");
  });

  async function refusedFor(world: WorkspaceWorld, checkout: Checkout, message: string) {
    const error = await checkout.push(message).catch((fault: unknown) => fault);
    expect(error).toMatchObject({ code: "secret-found" });
    for (const form of [SECRET, hex, base64At(0), SECRET.slice(0, half)]) {
      expect((error as Error).message.toLowerCase()).not.toContain(form.toLowerCase());
    }
    expect(await world.remote.ref(HEAD)).toBe(checkout.head);
  }

  it("is not pushed when a symlink's target or the message carries a secret", async () => {
    const world = await workspaceWorld();
    const checkout = await world.open();
    await symlink(`/nowhere/${SECRET.replaceAll("/", "")}/${SECRET}`, join(checkout.path, "link"));
    await refusedFor(world, checkout, "work");
    await rm(join(checkout.path, "link"));
    await put(checkout, { "a.txt": "fine" });
    await refusedFor(world, checkout, `ET-001: ${SECRET}`);
    expect((await checkout.push("work")).commit).not.toBe(checkout.head);
  });

  it("may take a secret away that a person put there", async () => {
    const world = await workspaceWorld();
    await (await world.open()).close();
    await world.remote.commit(BRANCH, { [`${hex}.txt`]: SECRET, "a.txt": `${SECRET}\nb\n` });
    const checkout = await world.open();
    await rm(join(checkout.path, `${hex}.txt`));
    await put(checkout, { "a.txt": "b\nc\n" });
    expect((await checkout.push("cleaned")).commit).not.toBe(checkout.head);
  });

  it("never begins from an issue whose text carries a secret", async () => {
    const world = await workspaceWorld();
    const opening = world.open({ task: `please use ${SECRET}` });
    await expect(opening).rejects.toMatchObject({ code: "secret-found" });
    expect(await world.remote.ref(HEAD)).toBeNull();
  });

  it.each([
    ["a protected path", ".github/workflows/ci.yml"],
    ["one whose name has a line end in it", ".github/workflows/c\ni.yml"],
    ["one whose name hides its direction", ".gitea/workflows/\u202elmy.yml"],
  ])("fails for %s, and its name does no harm where people read it", async (_, name) => {
    const world = await workspaceWorld();
    const checkout = await world.open();
    await put(checkout, { [name]: "on: push\n" });
    const error = await checkout.push("work").catch((fault: unknown) => fault);
    expect(error).toMatchObject({ code: "protected-path", paths: [name] });
    expect((error as Error).message).toMatch(/^[\x20-\x7e]+$/);
    expect(await world.remote.ref(HEAD)).toBe(checkout.head);
  });

  it("fails for a protected folder behind a link, and for one made a file", async () => {
    const world = await workspaceWorld();
    const checkout = await world.open();
    await put(checkout, { "ci/workflows/a.yml": "on: push\n" });
    await symlink("ci", join(checkout.path, ".github"));
    await expect(checkout.push("work")).rejects.toMatchObject({ paths: [".github"] });
  });

  it("is pushed with exactly the protected paths that were allowed", async () => {
    const world = await workspaceWorld();
    const checkout = await world.open({ allowedPaths: [".github/a.yml"] });
    await put(checkout, { ".github/a.yml": "a\n", ".github/b.yml": "b\n" });
    await expect(checkout.push("work")).rejects.toMatchObject({
      code: "protected-path",
      paths: [".github/a.yml", ".github/b.yml"],
    });
    await rm(join(checkout.path, ".github/b.yml"));
    const { commit } = await checkout.push("work");
    expect(await world.remote.read(commit, ".github/a.yml")).toBe("a\n");
  });

  it("names only so many protected paths, and none can be allowed unseen", async () => {
    const world = await workspaceWorld();
    const checkout = await world.open();
    const many = Array.from({ length: 40 }, (_, index) => [`.github/${index}.yml`, "x"]);
    await put(checkout, Object.fromEntries(many));
    const error = await checkout.push("work").catch((fault: unknown) => fault);
    expect(error).toMatchObject({ code: "protected-path", paths: undefined });
    expect((error as Error).message).toContain("40 protected paths");
  });

  it("is refused when it is too large, naming the largest file", async () => {
    const world = await workspaceWorld({ maxRunBytes: 1024 * 1024 });
    const checkout = await world.open();
    await put(checkout, { small: "x".repeat(600_000), [`${ARTIFACTS}/11-x.md`]: "x" });
    await writeFile(join(checkout.path, "large"), "");
    await truncate(join(checkout.path, "large"), 64 * 1024 * 1024);
    await expect(checkout.push("work")).rejects.toMatchObject({
      code: "too-large",
      message: expect.stringMatching(/64 MiB.*limits\.runBytes.*large/),
    });
    await rm(join(checkout.path, "large"));
    expect((await checkout.push("work")).commit).not.toBe(checkout.head);
  });

  it.each(["12-review.md", "01-questions.md"])(
    "is never read through %s as a link, a folder or a pipe",
    async (name) => {
      const world = await workspaceWorld();
      const outside = join(world.dataDir, "passwd");
      await writeFile(outside, "verdict: APPROVED\n");
      const path = (checkout: Checkout) => join(checkout.path, ARTIFACTS, name);
      const plants: readonly ((checkout: Checkout) => Promise<unknown>)[] = [
        (checkout) => symlink(outside, path(checkout)),
        (checkout) => mkdir(join(path(checkout), "x"), { recursive: true }),
        (checkout) => run("mkfifo", [path(checkout)]),
      ];
      for (const plant of plants) {
        const checkout = await world.open({ role: "reviewer" });
        await plant(checkout);
        const { commit, wrote } = await checkout.push("review");
        await checkout.close();
        expect(wrote).toEqual([]);
        expect(
          await world.workspace.at(world.project(), commit).read(`${ARTIFACTS}/${name}`),
        ).toBeNull();
      }
      // The same, brought by a person's commit.
      const work = join(world.dataDir, "person");
      await run("git", ["clone", "-q", "-b", BRANCH, world.remote.path, work]);
      await mkdir(join(work, ARTIFACTS), { recursive: true });
      await symlink(outside, join(work, ARTIFACTS, name));
      await run("git", ["add", "-A"], { cwd: work });
      const me = ["-c", "user.name=a", "-c", "user.email=a@b"];
      await run("git", [...me, "commit", "-qm", "link"], { cwd: work });
      await run("git", ["push", "-q"], { cwd: work });
      const checkout = await world.open({ role: "reviewer" });
      expect(checkout.takenOut).toEqual({});
      expect((await checkout.push("review")).wrote).toEqual([]);
      const view = world.workspace.at(world.project(), checkout.head);
      expect(await view.read(`${ARTIFACTS}/${name}`)).toBeNull();
      expect(await readFile(outside, "utf8")).toBe("verdict: APPROVED\n");
    },
  );

  it.each([
    ["a link", { "00-task.md": null }],
    ["a folder", { "00-task.md/x.md": "x" }],
  ])("begins with the task though the base has %s in its place", async (kind, files) => {
    const world = await workspaceWorld();
    const work = join(world.dataDir, "person");
    await run("git", ["clone", "-q", world.remote.path, work]);
    for (const [name, text] of Object.entries(files)) {
      const path = join(work, ARTIFACTS, name);
      await mkdir(join(path, ".."), { recursive: true });
      if (text === null) await symlink("/etc/passwd", path);
      else await writeFile(path, text);
    }
    await run("git", ["add", "-A"], { cwd: work });
    const me = ["-c", "user.name=a", "-c", "user.email=a@b"];
    await run("git", [...me, "commit", "-qm", kind], { cwd: work });
    await run("git", ["push", "-q"], { cwd: work });
    const checkout = await world.open();
    expect(await readFile(join(checkout.path, ARTIFACTS, "00-task.md"), "utf8")).toBe(
      "# Add search\n",
    );
    expect(await readdir(join(checkout.path, ARTIFACTS))).toEqual(["00-task.md"]);
  });

  it("fails rather than hangs where a pipe took a file's place", async () => {
    const world = await workspaceWorld();
    const checkout = await world.open();
    await rm(join(checkout.path, "src/a.txt"));
    await run("mkfifo", [join(checkout.path, "src/a.txt"), join(checkout.path, "pipe")]);
    await expect(checkout.push("work")).rejects.toMatchObject({ code: "git-failed" });
    await checkout.close();
    expect(await readFile(join((await world.open()).path, "src/a.txt"), "utf8")).toBe("one\n");
  });

  it("fails for a folder whose name isn't UTF-8, and neither the next run nor its removal does", async () => {
    const world = await workspaceWorld();
    const checkout = await world.open();
    const folder = Buffer.concat([Buffer.from(`${checkout.path}/`), Buffer.from([0x66, 0xff])]);
    const inside = Buffer.concat([folder, Buffer.from("/inside")]);
    await mkdir(inside, { recursive: true });
    await writeFile(Buffer.concat([inside, Buffer.from("/x.txt")]), "x\n");
    await chmod(inside, 0o000);
    await expect(checkout.push("odd names")).rejects.toMatchObject({ code: "unsafe-name" });
    await checkout.close();

    const next = await world.open();
    await put(next, { "src/new.txt": "new\n" });
    await mkdir(folder);
    await next.push("good names");
    await next.close();
    await world.workspace.remove("ET-001");
    expect(await world.workspace.checkouts()).toEqual([]);
  });

  it("fails where the folder itself is gone or something else, and never leads elsewhere", async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), "stagecoach-elsewhere-"));
    onTestFinished(() => rm(elsewhere, { recursive: true }));
    await writeFile(join(elsewhere, "theirs.txt"), "theirs\n");
    await mkdir(join(elsewhere, "empty"));
    const world = await workspaceWorld();
    const instead: readonly ((path: string) => Promise<void>)[] = [
      async () => undefined,
      (path) => writeFile(path, "a file\n"),
      (path) => symlink(elsewhere, path),
    ];
    for (const put of instead) {
      const checkout = await world.open();
      await rm(checkout.path, { recursive: true });
      await put(checkout.path);
      await expect(checkout.push("work")).rejects.toMatchObject({ code: "git-failed" });
      await checkout.close();
      expect(await world.remote.ref(HEAD)).toBe(checkout.head);
    }
    const next = await world.open();
    expect(await readFile(join(next.path, "src/a.txt"), "utf8")).toBe("one\n");
    expect((await readdir(elsewhere)).sort()).toEqual(["empty", "theirs.txt"]);
  });

  it("has no git at work any more when its push was refused", async () => {
    const bin = await mkdtemp(join(tmpdir(), "stagecoach-slow-git-"));
    onTestFinished(() => rm(bin, { recursive: true }));
    const path = process.env.PATH ?? "";
    const slow = `#!/bin/sh
      PATH='${path}'
      case " $* " in *" commit-tree "*) echo began >> '${bin}/log'; sleep 0.7; git "$@"; code=$?; echo ended >> '${bin}/log'; exit $code;; esac
      exec git "$@"`;
    await writeFile(join(bin, "git"), slow, { mode: 0o755 });
    const world = await workspaceWorld({ environment: { PATH: `${bin}:${path}` } });
    const checkout = await world.open();
    await put(checkout, { ".github/ci.yml": "on: push\n" });
    await expect(checkout.push("work")).rejects.toMatchObject({ code: "protected-path" });
    const lines = (await readFile(join(bin, "log"), "utf8")).trim().split("\n");
    const count = (word: string) => lines.filter((line) => line === word).length;
    expect(count("began")).toBeGreaterThan(1);
    expect(count("ended")).toBe(count("began"));
  });

  it("fails for a name that isn't UTF-8", async () => {
    const world = await workspaceWorld();
    const checkout = await world.open();
    const name = Buffer.concat([Buffer.from(`${checkout.path}/`), Buffer.from([0x61, 0xff])]);
    await writeFile(name, "x");
    await expect(checkout.push("work")).rejects.toMatchObject({ code: "unsafe-name" });
    expect(await world.remote.ref(HEAD)).toBe(checkout.head);
  });
});
