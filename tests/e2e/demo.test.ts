import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const MAIN = fileURLToPath(new URL("../../dist/src/cli/main.js", import.meta.url));
const ROLES = ["analyst", "architect", "developer", "reviewer", "tester", "deployer"];
/** The demo's own. */
const PATIENCE_MS = 120_000;
/** Above the demo's own patience, so that it is the demo that says what is missing. In ms. */
const TIMEOUT_MS = 180_000;
/** What the demo needs of a machine; everything else, Redis above all, it brings. */
const NEEDED = ["node", "git", "sh"];

interface Line {
  readonly ms: number;
  readonly event: string;
  readonly item: string | null;
  readonly stage: string | null;
  readonly text: string;
  readonly [fact: string]: unknown;
}

let folder: string;
let child: ChildProcess | null;
beforeEach(async () => {
  if (!existsSync(MAIN)) throw new Error("the demo is tested as built: npm run build");
  folder = await mkdtemp(join(tmpdir(), "stagecoach-demo-test-"));
  await mkdir(join(folder, "tmp"));
  child = null;
});
afterEach(async () => {
  if (child !== null && child.exitCode === null && child.signalCode === null) {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
  await rm(folder, { recursive: true, force: true });
});

/** PATH as it is, or, to get the engine in WebAssembly, one without any Redis. */
async function searchPath(): Promise<string> {
  const path = process.env.PATH ?? "";
  if (process.env.STAGECOACH_TEST_REDIS !== "wasm") return path;
  const bin = join(folder, "bin");
  await mkdir(bin);
  for (const name of NEEDED) {
    const found = path.split(delimiter).map((dir) => join(dir, name));
    await symlink(found.find((file) => existsSync(file)) ?? name, join(bin, name));
  }
  return bin;
}

async function startDemo(...options: string[]) {
  const env = { PATH: await searchPath(), TMPDIR: join(folder, "tmp"), LANG: "C.UTF-8" };
  const running = spawn(process.execPath, [MAIN, "demo", ...options], { env, cwd: folder });
  child = running;
  const output = { stdout: "", stderr: "" };
  running.stdout.setEncoding("utf8").on("data", (more: string) => {
    output.stdout += more;
  });
  running.stderr.setEncoding("utf8").on("data", (more: string) => {
    output.stderr += more;
  });
  const closed = once(running, "close").then(([code]) => code as number | null);
  return { running, output, closed };
}

function linesOf(text: string): Line[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
}

describe("the demo, as built", { timeout: TIMEOUT_MS }, () => {
  it("carries three issues through every stage, in the order their edges allow", async () => {
    const { output, closed } = await startDemo("--exit", "--json");
    expect({ code: await closed, stderr: output.stderr }).toEqual({ code: 0, stderr: "" });
    const lines = linesOf(output.stdout);
    const known = ["webhook", "stage", "run", "verdict", "comment", "pull-request", "done"];
    for (const { ms, event, text } of lines) {
      expect(ms).toBeGreaterThanOrEqual(0);
      expect([...known, "summary", "board"]).toContain(event);
      expect(text).not.toBe("");
    }
    expect([...new Set(lines.map((line) => line.event))].sort()).toEqual(
      [...known, "summary", "board"].sort(),
    );

    const issueOf = new Map(
      lines.filter((line) => "issue" in line).map((line) => [line.issue, line.item]),
    );
    const blocker = issueOf.get("#1");
    const blocked = issueOf.get("#2");
    const fromPlane = issueOf.get("Plane 1");
    expect([blocker, blocked, fromPlane].sort()).toEqual(["ET-001", "ET-002", "ET-003"]);

    const started = (item: unknown) =>
      lines.filter((line) => line.item === item && line.state === "started");
    const done = (item: unknown) =>
      lines.findIndex((line) => line.item === item && line.event === "done");
    const firstRun = lines.findIndex((line) => line.item === blocked && line.state === "started");
    expect(done(blocker)).toBeGreaterThan(-1);
    expect(firstRun).toBeGreaterThan(done(blocker));
    expect(lines.find((line) => line.item === blocked && "waiting_on" in line)).toMatchObject({
      waiting_on: ["#1"],
    });

    for (const item of [blocker, blocked]) {
      expect(started(item).map((line) => line.role)).toEqual(ROLES);
    }
    expect(started(fromPlane).map((line) => line.role)).toEqual([
      ...ROLES.slice(0, 4),
      "developer",
      ...ROLES.slice(3),
    ]);
    const back = lines.filter((line) => line.sent_back === true);
    expect(back).toMatchObject([{ item: fromPlane, from: "review", to: "development" }]);
    const refused = lines.filter((line) => line.event === "verdict" && !line.passed);
    expect(refused.filter((line) => !line.pending)).toMatchObject([
      { item: fromPlane, gate: "reviewer-verdict" },
    ]);

    const summary = lines.filter((line) => line.event === "summary");
    expect(summary[0]).toMatchObject({ item: null, done: 3, of: 3 });
    expect(summary.slice(1).map((line) => [line.item, line.status, line.developer_runs])).toEqual(
      ["ET-001", "ET-002", "ET-003"].map((item) => [item, "done", item === fromPlane ? 2 : 1]),
    );
    expect(lines.at(-1)).toMatchObject({
      event: "board",
      login: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/login\?token=\S{20,}$/),
    });
    expect(await readdir(join(folder, "tmp"))).toEqual([]);
  });

  it("keeps its pages up behind the printed link until it is told to stop", async () => {
    const { running, output, closed } = await startDemo("--json");
    const board = await new Promise<Line>((resolve, reject) => {
      void closed.then((code) => reject(new Error(`it ended with ${code}: ${output.stderr}`)));
      running.stdout.on("data", () => {
        const line = output.stdout.split("\n").find((one) => one.includes('"event":"board"'));
        if (line !== undefined && output.stdout.endsWith("\n")) resolve(JSON.parse(line) as Line);
      });
    });
    const open = (path: string, cookie = "") =>
      fetch(`${board.url}${path}`, { headers: { cookie }, redirect: "manual" });
    expect((await open("/api/items")).status).toBe(401);
    const login = await fetch(String(board.login), { redirect: "manual" });
    const cookie = login.headers.getSetCookie()[0]?.split(";")[0];
    expect((await open("/board", cookie)).status).toBe(200);
    const listed = (await (await open("/api/items", cookie)).json()) as { items: unknown[] };
    expect(listed.items).toHaveLength(3);
    running.kill("SIGTERM");
    expect({ code: await closed, stderr: output.stderr }).toEqual({ code: 0, stderr: "" });
    expect(await readdir(join(folder, "tmp"))).toEqual([]);
  });

  it("removes what it made although it is told to stop before it began", async () => {
    const { running, output, closed } = await startDemo("--json");
    const made = () => readdir(join(folder, "tmp"));
    await vi.waitFor(async () => expect(await made()).not.toEqual([]), { timeout: PATIENCE_MS });
    running.kill("SIGTERM");
    expect({ code: await closed, stderr: output.stderr }).toEqual({ code: 1, stderr: "" });
    expect(await made()).toEqual([]);
  });

  it("ends at once when it is told to stop on the way", async () => {
    const { running, output, closed } = await startDemo("--json");
    await once(running.stdout, "data");
    const told = performance.now();
    running.kill("SIGINT");
    expect({ code: await closed, stderr: output.stderr }).toEqual({ code: 1, stderr: "" });
    // Not only when its patience is over.
    expect(performance.now() - told).toBeLessThan(PATIENCE_MS / 2);
    expect(await readdir(join(folder, "tmp"))).toEqual([]);
  });

  it("ends as by Ctrl-C once nobody reads on, as `| head` doesn't", async () => {
    const { running, output, closed } = await startDemo("--json");
    await once(running.stdout, "data");
    running.stdout.destroy();
    expect({ code: await closed, stderr: output.stderr }).toEqual({ code: 1, stderr: "" });
    expect(await readdir(join(folder, "tmp"))).toEqual([]);
  });

  it("prints for people: aligned, at most 100 columns, no colours into a pipe", async () => {
    const { output, closed } = await startDemo("--exit");
    expect({ code: await closed, stderr: output.stderr }).toEqual({ code: 0, stderr: "" });
    const lines = output.stdout.split("\n");
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(output.stdout).not.toContain("\u001b");
    expect(output.stdout).toMatch(/ET-00\d {2}analysis {6}◌ waits for #1 \(ET-00\d\)\n/);
    expect(output.stdout).toMatch(/ET-00\d {2}review {8}◂ sent back to development\n/);
    expect(output.stdout).toMatch(/ Plane 1 {2}Show a gap instead of NaN .* sent back once\n/);
    expect(output.stdout).toMatch(/ #2 {7}Draw the counter on the dashboard .* waited for #1\n/);
    const marks = lines.flatMap((line) =>
      /^ +\d+\.\d s/.test(line) ? [line.search(/[^\x20-\x7e]/)] : [],
    );
    expect(new Set(marks)).toEqual(new Set([31]));
  });
});
