import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runChecks } from "../../src/cli/doctor/check.js";
import { nodeOf } from "../../src/cli/doctor/machine.js";
import { reportJson, reportText } from "../../src/cli/doctor/report.js";
import { field, startDouble, textField } from "../../src/demo/http-double.js";
import { type DoctorWorld, lineOf, openDoctorWorld, pathWith } from "../support/doctor-world.js";
import { serveGit } from "../support/git-http.js";

const fails = (lines: Awaited<ReturnType<DoctorWorld["examine"]>>) =>
  lines.filter(({ level }) => level === "fail").map(({ name, says }) => `${name}: ${says}`);

describe("a fleet that is set up right", { timeout: 60_000 }, () => {
  it("has nothing to mend before it was ever started, and no secret in what is said", async () => {
    const world = await openDoctorWorld();
    const lines = await world.examine();
    // The tests' shared Redis keeps nothing, and no worker runs.
    expect(fails(lines).filter((line) => !line.includes("no persistence"))).toEqual([]);
    const uneasy = lines.filter(({ level }) => level === "warn").map(({ name }) => name);
    expect(uneasy.filter((name) => name !== "sandbox")).toEqual(["workers"]);
    lineOf(lines, "git remote of rocket", "ok", "can be read and pushed to");
    lineOf(lines, "acme/rocket", "ok", "its webhook is in order");
    const text = reportText(lines, false) + reportJson(lines);
    for (const secret of ["gitea-token-of", "plane-key-of", "hook-secret", "plane-secret"])
      expect(text).not.toContain(secret);
    expect(await world.remote.git("for-each-ref", "refs/stagecoach")).toBe("");
  });

  it("is shown in colours only where they are wanted, each line with its mend", () => {
    const lines = [{ name: "git", level: "fail", says: "2.1 is too old", mend: "newer" }] as const;
    expect(reportText(lines, false)).toBe(
      "fail  git: 2.1 is too old\n      → newer\n\n1 to mend, 0 to look at, 0 in order.",
    );
    expect(reportText(lines, true)).toContain("\u001b[31mfail\u001b[0m");
    expect(JSON.parse(reportJson(lines))).toEqual({ ok: false, checks: lines });
  });

  it("is said of all checks although one throws and one never answers", async () => {
    const lines = await runChecks(
      [
        { name: "one", look: () => Promise.reject(new Error("it broke")) },
        { name: "two", look: () => new Promise(() => {}) },
        { name: "three", look: async () => [{ level: "ok", says: "fine", mend: null }] },
      ],
      20,
    );
    expect(lines.map(({ name, level, says }) => [name, level, says])).toEqual([
      ["one", "fail", "it broke"],
      ["two", "fail", "no answer within 0.02 s"],
      ["three", "ok", "fine"],
    ]);
  });
});

describe("what the files and the environment say", { timeout: 60_000 }, () => {
  it("is listed with every problem, and everything else is looked at all the same", async () => {
    const world = await openDoctorWorld();
    await world.write(`${world.yaml}limit: { x: 1 }\n`.replace("prefix: ET", "prefix: e"));
    const lines = await world.examine({ PORT: "99999" });
    lineOf(lines, "configuration", "fail", "projects[0].prefix: must be 1 to 10 capital letters");
    lineOf(lines, "configuration", "fail", "limit: unknown key");
    lineOf(lines, "configuration", "fail", "PORT: must be a number");
    lineOf(lines, "git", "ok");
    const readable = await world.examine();
    lineOf(readable, "Redis", "ok", "version");
    lineOf(readable, "data folder", "ok");
  });

  it("is missing altogether: `init` is named", async () => {
    const world = await openDoctorWorld();
    const lines = await world.examine({}, { configPath: "elsewhere.yaml" });
    const line = lineOf(lines, "configuration", "fail", "there is no such file");
    expect(line.mend).toContain("stagecoach init");
    lineOf(lines, "Redis", "ok", "version");
  });

  it("names nobody to approve", async () => {
    const world = await openDoctorWorld();
    await world.write(world.yaml.replace("[alice]", "[]"));
    const line = lineOf(await world.examine(), "approvers", "warn", "no analysis can pass");
    expect(line.mend).toContain("`approvers`");
  });

  it("has no webhook secret, or lets unsigned webhooks in", async () => {
    const world = await openDoctorWorld();
    const lines = await world.examine({
      GITEA_WEBHOOK_SECRET: null,
      PLANE_WEBHOOK_SECRET: null,
      ALLOW_UNSIGNED_WEBHOOKS: "1",
    });
    const line = lineOf(lines, "webhook secrets", "fail", "GITEA_WEBHOOK_SECRET is not set");
    expect(line.mend).toContain("openssl rand -hex 32");
    lineOf(lines, "webhook secrets", "fail", "PLANE_WEBHOOK_SECRET is not set");
    lineOf(lines, "webhook secrets", "warn", "ALLOW_UNSIGNED_WEBHOOKS is on");
  });

  it("lacks the key that a runner or the parser needs", async () => {
    const world = await openDoctorWorld();
    await world.write(
      `${world.yaml.replace("runner: command, command: [sh]", "runner: anthropic")}parser: anthropic\n`,
    );
    const lines = await world.examine();
    const line = lineOf(lines, "configuration", "fail", "anthropic needs ANTHROPIC_API_KEY");
    expect(line.mend).toContain("set ANTHROPIC_API_KEY");
    lineOf(lines, "metadata parser", "warn", "`parser: anthropic` needs ANTHROPIC_API_KEY");
    lineOf(await world.examine({ ANTHROPIC_API_KEY: "sk" }), "metadata parser", "ok", "a model");
  });

  it("names prompts that can't be read", async () => {
    const world = await openDoctorWorld();
    await world.write(`${world.yaml}prompts: ./prompts\n`);
    lineOf(await world.examine(), "configuration", "fail", /prompts: .* doesn't exist/);
    lineOf(await world.examine(), "Gitea", "ok", "version 1.26.3");
  });
});

describe("this machine", { timeout: 60_000 }, () => {
  it("has too old a Node.js or git, or no git", async () => {
    expect(nodeOf("18.20.1")).toMatchObject({ level: "fail", mend: expect.stringMatching("20") });
    const world = await openDoctorWorld();
    const bin = await pathWith(world, "sh");
    const none = lineOf(await world.examine({ PATH: bin }), "git", "fail", "no git on PATH");
    expect(none.mend).toContain("2.38");
    await writeFile(join(bin, "git"), "#!/bin/sh\necho git version 2.30.1\n");
    await chmod(join(bin, "git"), 0o755);
    lineOf(await world.examine({ PATH: bin }), "git", "fail", "2.30.1 is too old");
  });

  it("has no sandbox", async () => {
    const world = await openDoctorWorld();
    const bin = await pathWith(world, "sh", "git");
    const line = lineOf(await world.examine({ PATH: bin }), "sandbox", "warn", "not installed");
    expect(line.mend).toContain("install bubblewrap");
    await writeFile(join(bin, "bwrap"), "#!/bin/sh\necho 'no permission' >&2\nexit 1\n");
    await chmod(join(bin, "bwrap"), 0o755);
    lineOf(await world.examine({ PATH: bin }), "sandbox", "warn", "(no permission)");
    await world.write(world.yaml.replace("command: [sh]", "command: [sh], sandbox: bubblewrap"));
    lineOf(await world.examine({ PATH: bin }), "sandbox", "fail", "an agent demands it");
    await world.write(world.yaml.replace("command: [sh]", "command: [sh], sandbox: none"));
    lineOf(await world.examine({ PATH: bin }), "sandbox", "warn", "`sandbox: none`");
  });

  it("lacks a runner's program, or may not execute it", async () => {
    const world = await openDoctorWorld();
    await world.write(
      `${world.yaml.replace("[sh]", "[no-such-agent]")}  reviewer: { command: [./agent.sh] }\n  tester: { runner: claude-code }\n  architect: { command: [./of-the-checkout] }\n`,
    );
    await writeFile(join(world.folder, "agent.sh"), "#!/bin/sh\n");
    const bin = await pathWith(world, "sh", "git");
    const lines = await world.examine({ PATH: bin });
    const line = lineOf(lines, "runners", "fail", "no-such-agent");
    expect(line.says).toContain("rocket's developer");
    expect(line.says).not.toContain("reviewer");
    const own = lineOf(lines, "runners", "fail", "can't be executed");
    expect(own.mend).toContain(`chmod +x ${join(world.folder, "agent.sh")}`);
    lineOf(lines, "runners", "fail", "claude (rocket's tester) is not on PATH");
    lineOf(lines, "runners", "warn", "./of-the-checkout (rocket's architect) is not beside");
  });

  it("has a data folder that can't be written, little room, and webhooks in the spool", async () => {
    const world = await openDoctorWorld();
    const file = join(world.folder, "file");
    await writeFile(file, "");
    for (const DATA_DIR of [file, join(file, "below")]) {
      const line = lineOf(await world.examine({ DATA_DIR }), "data folder", "fail");
      expect(line.mend).toContain("DATA_DIR");
    }
    lineOf(await world.examine(), "data folder", "ok", "can be made");
    await world.write(world.yaml.replace("freeDiskBytes: 1000", "freeDiskBytes: 9000000000000000"));
    const full = lineOf(await world.examine(), "disk", "fail", "limits.freeDiskBytes");
    expect(full.mend).toContain("free some");
    await mkdir(join(world.folder, "data/spool"), { recursive: true });
    await writeFile(join(world.folder, "data/spool/1.jsonl"), "{}\n{}\n");
    lineOf(await world.examine(), "spool", "warn", "2 webhooks wait");
  });
});

describe("a git remote", { timeout: 60_000 }, () => {
  it("can't be reached, or has no base branch", async () => {
    const world = await openDoctorWorld();
    await world.write(world.yaml.replace(world.remote.path, "/nowhere/rocket.git"));
    const line = lineOf(await world.examine(), "git remote of rocket", "fail", "can't be reached");
    expect(line.mend).toContain("may read it");
    await world.write(world.yaml.replace("prefix:", "baseBranch: trunk\n    prefix:"));
    lineOf(await world.examine(), "git remote of rocket", "fail", "has no branch trunk");
  });

  it("can be read and not pushed to, as who lacks the right over HTTP", async () => {
    const world = await openDoctorWorld();
    const login = { username: "devbot", password: "gitea-token-of-the-bot" };
    const served = await serveGit(join(world.remote.path, ".."), login, () => {});
    const url = `${served.url}/rocket.git`;
    await world.write(world.yaml.replace(world.remote.path, url));
    const name = "git remote of rocket";
    lineOf(await world.examine({ GITEA_URL: served.url }), name, "ok", "pushed to");
    await world.remote.git("config", "http.receivepack", "false");
    const line = lineOf(await world.examine({ GITEA_URL: served.url }), name, "fail", "403");
    expect(line.says).toContain("can be read and not pushed to");
    expect(line.mend).toContain("write access");
    const stranger = { GITEA_URL: served.url, GITEA_TOKEN: "another-token" };
    lineOf(await world.examine(stranger), name, "fail", "can't be reached");
  });
});

describe("Telegram", { timeout: 60_000 }, () => {
  it("refuses the token, doesn't know the chat, or can't be reached", async () => {
    const world = await openDoctorWorld();
    const token = "123:telegram-token";
    const telegram = await startDouble(({ path, body }) => {
      const refused = (status: number, description: string) => ({
        status,
        body: { ok: false, description },
      });
      if (!path.startsWith(`/bot${token}/`)) return refused(401, "Unauthorized");
      if (path.endsWith("/getMe")) return { status: 200, body: { ok: true, result: { id: 1 } } };
      return path.endsWith("/getChat") && textField(body, "chat_id") === "-100"
        ? { status: 200, body: { ok: true, result: {} } }
        : refused(400, `Bad Request: chat not found ${String(field(body, "x") ?? "")}`);
    });
    const set = {
      TELEGRAM_API_URL: telegram.url,
      TELEGRAM_BOT_TOKEN: token,
      TELEGRAM_CHAT_ID: "-100",
    };
    lineOf(await world.examine(set), "Telegram", "ok");
    const wrong = await world.examine({ ...set, TELEGRAM_BOT_TOKEN: "wrong" });
    expect(lineOf(wrong, "Telegram", "fail", "401").mend).toContain("@BotFather");
    const chat = await world.examine({ ...set, TELEGRAM_CHAT_ID: "7" });
    expect(lineOf(chat, "Telegram", "fail", "chat not found").mend).toContain("TELEGRAM_CHAT_ID");
    await telegram.stop();
    const gone = lineOf(await world.examine(set), "Telegram", "warn", "can't be reached");
    expect(gone.says).not.toContain(token);
  });
});
