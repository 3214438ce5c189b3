import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type GiteaDouble, startGiteaDouble } from "../../src/demo/gitea-double.js";
import { BOT, openProcessFleet } from "../support/process-fleet.js";
import { killProcesses, runProcess } from "../support/processes.js";

const REPOS = ["acme/rocket", "acme/pad"] as const;
const TOKEN = "token-of-the-bot";
const SECRET = "a-secret-of-the-webhook";
const URL_ = "https://fleet.example";

let folder: string;
let gitea: GiteaDouble;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stagecoach-setup-"));
  gitea = await startGiteaDouble({ token: TOKEN, bot: "devbot", repos: REPOS });
});

afterEach(async () => {
  await killProcesses();
  await gitea.stop();
  await rm(folder, { recursive: true, force: true });
});

const environment = () => ({
  GITEA_URL: gitea.url,
  GITEA_TOKEN: TOKEN,
  GITEA_WEBHOOK_SECRET: `${SECRET},an-older-one`,
});
const stagecoach = (args: readonly string[], env: Record<string, string> = environment()) =>
  runProcess("cli", args, env, folder);
const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, stdio: "ignore" });

describe("stagecoach init", { timeout: 120_000 }, () => {
  it("writes what the doctor takes, for the repository around it, once", async () => {
    git("init", "--quiet", "--initial-branch=trunk");
    git("remote", "add", "origin", "git@git.example.org:acme/rocket.git");
    const made = await stagecoach(["init", "--approver", "alice", "--approver", "bob"]);
    expect(made).toMatchObject({ code: 0, err: "" });
    expect(made.out).toContain("export GITEA_URL=https://git.example.org");
    expect(made.out).toContain("stagecoach hooks --url");
    const path = join(folder, "stagecoach.yaml");
    const text = await readFile(path, "utf8");
    expect(text).toContain("approvers: [alice, bob]");
    expect(text).toContain("baseBranch: trunk");
    const schema = /^# yaml-language-server: \$schema=(.+)$/m.exec(text)?.[1] ?? "";
    const known: unknown = JSON.parse(await readFile(join(folder, schema), "utf8"));
    expect(known).toHaveProperty("title");

    const doctor = await stagecoach(["doctor", "--json"]);
    const { checks } = JSON.parse(doctor.out) as { checks: { name: string; level: string }[] };
    expect(checks.find(({ name }) => name === "configuration")).toMatchObject({ level: "ok" });

    const again = await stagecoach(["init"]);
    expect(again).toMatchObject({ code: 1, out: "" });
    expect(again.err).toMatch(/is there already; --force overwrites it/);
    const forced = await stagecoach(["init", "--force", "--repo", "acme/pad", "--json"]);
    expect(forced.code).toBe(0);
    expect(JSON.parse(forced.out)).toMatchObject({ file: path, repo: "acme/pad" });
    expect(await readFile(path, "utf8")).toContain("baseBranch: main");
  });

  it("writes nothing without a repository, or with a name that none can have", async () => {
    const none = await stagecoach(["init"]);
    expect(none).toMatchObject({ code: 2, out: "" });
    expect(none.err).toContain("--repo: is missing");
    const wrong = await stagecoach(["init", "--repo", "acme", "--prefix", "et"]);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain("projects[0].repo: must be the tracker's full name");
    expect(wrong.err).toContain("projects[0].prefix: must be");
    await expect(readFile(join(folder, "stagecoach.yaml"))).rejects.toThrow("ENOENT");
  });
});

describe("stagecoach hooks", { timeout: 120_000 }, () => {
  const yaml = `bot: devbot
projects:
  - { repo: acme/rocket, prefix: RK }
  - { repo: acme/pad, prefix: PD }
`;
  const hooks = (...args: string[]) => stagecoach(["hooks", "--url", URL_, ...args]);
  const writes = () => gitea.requests.filter((line) => !line.startsWith("GET"));

  beforeEach(() => writeFile(join(folder, "stagecoach.yaml"), yaml));

  it("makes one in each repository, and changes nothing when it is asked again", async () => {
    const dry = await hooks("--dry-run");
    expect(dry).toMatchObject({ code: 0, err: "" });
    expect(dry.out).toBe("acme/rocket: would be made\nacme/pad: would be made\n");
    expect(writes()).toEqual([]);

    const made = await hooks();
    expect(made).toMatchObject({ code: 0, out: "acme/rocket: made\nacme/pad: made\n", err: "" });
    expect(gitea.hooksMade.map(({ repo }) => repo)).toEqual(REPOS);
    for (const hook of gitea.hooksMade) {
      expect(hook).toMatchObject({ url: `${URL_}/webhook/gitea`, active: true, secret: SECRET });
      expect(hook.events).toEqual(
        expect.arrayContaining(["issues", "issue_comment", "pull_request_review", "push"]),
      );
      expect(hook.events).toEqual(expect.arrayContaining(["delete", "status", "workflow_run"]));
      expect(hook.events).not.toContain("wiki");
    }
    expect(writes()).toHaveLength(2);

    const again = await hooks("--json");
    expect(JSON.parse(again.out)).toEqual({
      url: `${URL_}/webhook/gitea`,
      hooks: REPOS.map((repo) => ({ repo, did: "none", says: "in order" })),
    });
    expect(writes()).toHaveLength(2);
    expect(made.out + again.out + dry.out).not.toContain(SECRET);
  });

  it("mends what is switched off, silent or led elsewhere, and gives no new secret for that", async () => {
    gitea.setHook({ url: "http://old.example/webhook/gitea", secret: "kept" });
    gitea.showHook({ active: false, events: ["push"], branchFilter: "main" });
    const mended = await hooks();
    expect(mended.code).toBe(0);
    expect(mended.out).toContain("acme/rocket: mended: it led elsewhere, it was not active");
    expect(mended.out).toContain("its secret stays");
    expect((await hooks()).out).toBe("acme/rocket: in order\nacme/pad: in order\n");
    expect(gitea.hooksMade).toEqual([]);
  });

  it("asks a Forgejo for its own events, and leaves what it made alone", async () => {
    gitea.setAccount({ version: "12.0.1+gitea-1.22.0" });
    expect((await hooks()).code).toBe(0);
    const [made] = gitea.hooksMade;
    expect(made?.events).toEqual(expect.arrayContaining(["issues", "action_run_success"]));
    expect(made?.events).not.toContain("status");
    expect((await hooks()).out).toBe("acme/rocket: in order\nacme/pad: in order\n");
  });

  it("renews the secret by a new webhook in the place of the old", async () => {
    await hooks();
    const before = gitea.hooksMade.map(({ id }) => id);
    const env = { ...environment(), GITEA_WEBHOOK_SECRET: `the-newest,${SECRET}` };
    const rotated = await stagecoach(["hooks", "--url", URL_, "--rotate"], env);
    expect(rotated.code).toBe(0);
    expect(rotated.out).toContain("made anew with the first of GITEA_WEBHOOK_SECRET, 1 removed");
    expect(rotated.out).not.toContain("the-newest");
    expect(gitea.hooksMade.map(({ secret }) => secret)).toEqual(["the-newest", "the-newest"]);
    expect(gitea.hooksMade.some(({ id }) => before.includes(id))).toBe(false);
  });

  it("says what it takes where it may not", async () => {
    gitea.showHook(null);
    const refused = await hooks();
    expect(refused.code).toBe(1);
    expect(refused.out).toMatch(/acme\/rocket: .* 403.* administrator of the repository/);
    expect(refused.out).toContain("write:repository");
    gitea.showHook({});
    gitea.setAccount({ lacks: ["write:repository"] });
    const scoped = await hooks("--json");
    expect(scoped.code).toBe(1);
    expect(JSON.parse(scoped.out).hooks).toMatchObject([{ did: "failed" }, { did: "failed" }]);
  });

  it("lists everything it needs and hasn't, with 2", async () => {
    const { code, err } = await stagecoach(["hooks", "--url", URL_], { GITEA_URL: gitea.url });
    expect(code).toBe(2);
    expect(err).toContain("GITEA_TOKEN: is missing");
    expect(err).toContain("GITEA_WEBHOOK_SECRET: is missing");
    for (const url of ["fleet.example", "https://user:pass@fleet.example"]) {
      const wrong = await stagecoach(["hooks", "--url", url]);
      expect(wrong.code).toBe(2);
      expect(wrong.err).toContain("It must be an http:// or https:// address");
    }
  });

  it("makes one through which a fleet really hears", async () => {
    const fleet = await openProcessFleet();
    onTestFinished(() => fleet.remove());
    const receiver = fleet.start("receiver");
    const { url } = await receiver.logged("receiver is up");
    const asked = ["hooks", "--url", String(url)];
    const made = await runProcess("cli", asked, fleet.environment(), fleet.folder);
    expect(made).toMatchObject({ code: 0, err: "" });
    fleet.gitea.addIssue({ repo: "acme/rocket", title: "Count", assignees: [BOT] });
    await receiver.logged("delivery accepted");
  });
});

describe("stagecoach doctor", { timeout: 120_000 }, () => {
  it("ends with 1 while anything must be mended, and prints one line of JSON or a list", async () => {
    const json = await stagecoach(["doctor", "--json"], {});
    expect(json).toMatchObject({ code: 1, err: "" });
    expect(json.out.trimEnd().split("\n")).toHaveLength(1);
    expect(JSON.parse(json.out)).toMatchObject({ ok: false });
    const text = await stagecoach(["doctor"], {});
    expect(text.code).toBe(1);
    expect(text.out).toMatch(/^fail {2}configuration: .*there is no such file/m);
    expect(text.out).toMatch(/^ {6}→ `stagecoach init` writes one$/m);
    expect(text.out).toMatch(/^ok {4}Node.js: /m);
    expect(text.out).not.toContain("\u001b");
  });

  it("ends with 0 where only workers are missing", async () => {
    const fleet = await openProcessFleet();
    onTestFinished(() => fleet.remove());
    fleet.gitea.setHook({ url: `${URL_}/webhook/gitea`, secret: SECRET });
    const { REDIS_URL: _, ...env } = fleet.environment();
    const { code, out } = await runProcess("cli", ["doctor"], env, fleet.folder);
    expect(out).not.toMatch(/^fail/m);
    expect(code).toBe(0);
    expect(out).toMatch(/^warn {2}workers: no fleet runs$/m);
  });
});
