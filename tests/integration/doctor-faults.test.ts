import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Examination } from "../../src/cli/doctor/examine.js";
import { exitCodeOf, reportText } from "../../src/cli/doctor/report.js";
import { type DoctorWorld, openDoctorWorld, pathWith } from "../support/doctor-world.js";
import { serveGit } from "../support/git-http.js";
import { pretendVersion } from "../support/old-redis.js";
import { isNative } from "../support/redis.js";

interface Change {
  readonly env?: Readonly<Record<string, string | null>>;
  readonly options?: Partial<Examination>;
}

interface Fault {
  /** Settings of the Redis that is looked at. */
  readonly redis?: Readonly<Record<string, string>>;
  readonly cause?: (world: DoctorWorld) => Promise<Change> | Change;
  /** The line as it is printed, and what to do about it below. */
  readonly says: RegExp;
  readonly mend: RegExp;
  readonly exitCode: 0 | 1;
}

const SOUND = { appendonly: "yes" };
const HOOK_MEND =
  /`stagecoach hooks --url https:\/\/<where the receiver is reached>` makes and mends/;

const FAULTS: Readonly<Record<string, Fault>> = {
  "Redis is unreachable": {
    cause: () => ({ env: { REDIS_URL: "redis://127.0.0.1:1" } }),
    says: /^fail {2}Redis: .*can't be reached/,
    mend: /start it, or correct REDIS_URL/,
    exitCode: 1,
  },
  "Redis evicts": {
    redis: { ...SOUND, "maxmemory-policy": "allkeys-lru" },
    says: /^fail {2}Redis: maxmemory-policy allkeys-lru: .* would drop queued work$/,
    mend: /CONFIG SET maxmemory-policy noeviction, and the same in redis\.conf/,
    exitCode: 1,
  },
  "Redis is too old": {
    cause: async ({ env }) => ({
      env: { REDIS_URL: await pretendVersion(env.REDIS_URL ?? "", "4.0.1") },
    }),
    says: /^fail {2}Redis: version 4\.0\.1\d* is too old for BullMQ$/,
    mend: /upgrade it to 6\.2 or newer/,
    exitCode: 1,
  },
  "Redis keeps nothing": {
    redis: { appendonly: "no", save: "" },
    says: /^fail {2}Redis: no persistence: nothing outlives its restart$/,
    mend: /CONFIG SET appendonly yes/,
    exitCode: 1,
  },
  "git is too old": {
    cause: async (world) => ({ env: { PATH: await pathWithOldGit(world) } }),
    says: /^fail {2}git: 2\.30\.1 is too old$/,
    mend: /install git 2\.38 or newer where workers run/,
    exitCode: 1,
  },
  "there is no sandbox": {
    cause: async (world) => ({ env: { PATH: await pathWith(world, "sh", "git") } }),
    says: /^warn {2}sandbox: bubblewrap \(bwrap\) is not installed: gates resist mistakes of agents/,
    mend: /install bubblewrap and allow it namespaces/,
    exitCode: 0,
  },
  "the sandbox an agent demands isn't there": {
    cause: async (world) => {
      await world.write(world.yaml.replace("command: [sh]", "command: [sh], sandbox: bubblewrap"));
      return { env: { PATH: await pathWith(world, "sh", "git") } };
    },
    says: /^fail {2}sandbox: .*, and an agent demands it$/,
    mend: /or give agents a `user` of their own \(docs\/security\.md\)/,
    exitCode: 1,
  },
  "the remote is unreachable": {
    cause: (world) => rewrite(world, world.remote.path, "/nowhere/rocket.git"),
    says: /^fail {2}git remote of rocket: .*can't be reached/,
    mend: /see that `remote` \(or GITEA_URL and repo\) is right, and that the bot or its SSH key may read/,
    exitCode: 1,
  },
  "the remote is unwritable": {
    cause: unwritable,
    says: /^fail {2}git remote of rocket: http.* can be read and not pushed to: .*403/,
    mend: /give the bot \(or its SSH key\) write access to the repository, and its token write:repository/,
    exitCode: 1,
  },
  "Gitea's token lacks a scope": {
    cause: inGitea((gitea) => gitea.setAccount({ lacks: ["write:issue"] })),
    says: /^fail {2}acme\/rocket: the token lacks the scope write:issue/,
    mend: /make the bot a new token with the scopes read:user, write:repository and write:issue/,
    exitCode: 1,
  },
  "the webhook is missing": {
    cause: inGitea((gitea) => gitea.setHook(null)),
    says: /^fail {2}acme\/rocket: it has no webhook/,
    mend: HOOK_MEND,
    exitCode: 1,
  },
  "the webhook is inactive": {
    cause: inGitea((gitea) => gitea.showHook({ active: false })),
    says: /^fail {2}acme\/rocket: its webhook is not active$/,
    mend: HOOK_MEND,
    exitCode: 1,
  },
  "the webhook sends the wrong events": {
    cause: inGitea((gitea) => gitea.showHook({ events: ["push", "issues"] })),
    says: /^fail {2}acme\/rocket: its webhook doesn't send issue_assign, issue_comment, pull_request/,
    mend: HOOK_MEND,
    exitCode: 1,
  },
  "the webhook leads elsewhere": {
    cause: () => ({ options: { receiver: "https://new.example/webhook/gitea" } }),
    says: /^fail {2}acme\/rocket: its webhook leads to https:\/\/fleet\.example, not to https:\/\/new\.example/,
    mend: HOOK_MEND,
    exitCode: 1,
  },
  "Plane lacks a state": {
    cause: (world) =>
      rewrite(world, "workspace: acme,", "workspace: acme, states: { Blocked: Stuck },"),
    says: /^fail {2}Plane's project of rocket: the board has no state "Stuck" \(for "Blocked"\); it has "Backlog"/,
    mend: /say under `plane\.states` what yours are called/,
    exitCode: 1,
  },
  "the runner's command is missing": {
    cause: (world) => rewrite(world, "[sh]", "[no-such-agent]"),
    says: /^fail {2}runners: no-such-agent \(.*rocket's developer.*\) is not on PATH$/,
    mend: /install it where agent workers run, or name its path under `agents`/,
    exitCode: 1,
  },
  "the clocks differ": {
    cause: () => ({ options: { clock: () => Date.now() + 300_000 } }),
    says: /^warn {2}Redis: Redis's clock is (299|300|301) s behind this machine's$/,
    mend: /let both follow a time server \(chrony, systemd-timesyncd\)/,
    exitCode: 0,
  },
  "the disk is low": {
    cause: (world) => rewrite(world, "freeDiskBytes: 1000", "freeDiskBytes: 9000000000000000"),
    says: /^fail {2}disk: .* free at .*, less than limits\.freeDiskBytes .*: no run starts$/,
    mend: /free some, or set DATA_DIR to a larger disk/,
    exitCode: 1,
  },
  "nobody may approve": {
    cause: (world) => rewrite(world, "[alice]", "[]"),
    says: /^warn {2}approvers: nobody may approve, so no analysis can pass/,
    mend: /name Gitea logins, Plane e-mails or user ids under `approvers`/,
    exitCode: 0,
  },
  "a secret is missing": {
    cause: () => ({ env: { GITEA_WEBHOOK_SECRET: null } }),
    says: /^fail {2}webhook secrets: GITEA_WEBHOOK_SECRET is not set, so every webhook is refused/,
    mend: /set GITEA_WEBHOOK_SECRET to what the webhook has \(for a new one: openssl rand -hex 32\)/,
    exitCode: 1,
  },
};

/** What the doctor prints and ends with, for each fault alone in a fleet that has no other. */
describe.skipIf(!isNative())("the doctor", { timeout: 60_000 }, () => {
  it("ends with 0 where there is nothing to mend", async () => {
    const lines = await (await openDoctorWorld(SOUND)).examine();
    expect(reportText(lines, false)).toMatch(/^0 to mend, [12] to look at/m);
    expect(exitCodeOf(lines)).toBe(0);
  });

  it.each(Object.entries(FAULTS))("says that %s, and what to do", async (_fault, expected) => {
    const world = await openDoctorWorld(expected.redis ?? SOUND);
    const { env, options } = (await expected.cause?.(world)) ?? {};
    const lines = await world.examine(env, options);
    const printed = reportText(lines, false).split("\n");
    const found = printed.findIndex((line) => expected.says.test(line));
    expect(found, printed.join("\n")).toBeGreaterThanOrEqual(0);
    expect(printed[found + 1]).toMatch(/^ {6}→ /);
    expect(printed[found + 1]).toMatch(expected.mend);
    expect(exitCodeOf(lines), printed.join("\n")).toBe(expected.exitCode);
  });
});

function inGitea(act: (gitea: DoctorWorld["gitea"]) => void) {
  return ({ gitea }: DoctorWorld): Change => {
    act(gitea);
    return {};
  };
}

async function rewrite(world: DoctorWorld, from: string, to: string): Promise<Change> {
  await world.write(world.yaml.replace(from, to));
  return {};
}

async function pathWithOldGit(world: DoctorWorld): Promise<string> {
  const bin = await pathWith(world, "sh");
  await writeFile(join(bin, "git"), "#!/bin/sh\necho git version 2.30.1\n");
  await chmod(join(bin, "git"), 0o755);
  return bin;
}

/** Read over HTTP by the bot, whose pushes the server refuses. */
async function unwritable(world: DoctorWorld): Promise<Change> {
  const login = { username: "devbot", password: world.env.GITEA_TOKEN ?? "" };
  const served = await serveGit(join(world.remote.path, ".."), login, () => {});
  await world.remote.git("config", "http.receivepack", "false");
  await rewrite(world, world.remote.path, `${served.url}/rocket.git`);
  return { env: { GITEA_URL: served.url } };
}
