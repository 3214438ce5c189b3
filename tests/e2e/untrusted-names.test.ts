import { access, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  APPROVER,
  BOT,
  GITEA_SECRET,
  REPO,
  type RunningFleet,
  runFleet,
} from "../support/running-fleet.js";
import { fixture, post, redelivered, request, signed } from "../support/signed-request.js";

/** A file that only appears if something of a name was run. */
const TRIPWIRE = join(tmpdir(), `stagecoach-names-${process.pid}`);
const HOSTILE = [
  `--upload-pack=touch ${TRIPWIRE}`,
  `-oProxyCommand=touch ${TRIPWIRE}`,
  `ext::sh -c touch% ${TRIPWIRE}`,
  `$(touch ${TRIPWIRE})`,
  `\`touch ${TRIPWIRE}\``,
  `"; touch ${TRIPWIRE} #`,
  `x\n--output=${TRIPWIRE}\ny`,
  "../../../../etc/passwd",
  "invoice \u202egnp.exe",
  "nul\0byte",
  "branch.lock",
  "a@{u}^{commit}:b",
  "𝔉𝔯𝔞𝔨𝔱𝔲𝔯 größe ſ İ",
  "x".repeat(5_000),
  "\u200b\u2066",
];
/** What a branch of ours may look like. */
const SAFE_BRANCH = /^feature\/ET-\d{3,}(?:-[a-z0-9-]{1,40})?$/;

afterEach(async () => {
  await expect(access(TRIPWIRE)).rejects.toMatchObject({ code: "ENOENT" });
});

async function branches(fleet: RunningFleet): Promise<readonly string[]> {
  const refs = await fleet.remote.git("for-each-ref", "--format=%(refname:short)", "refs/heads");
  return refs.split("\n").filter((name) => name !== "main");
}

describe("names from outside", () => {
  it("make an issue's title a safe branch, and the item comes to its end", async () => {
    const fleet = await runFleet();
    HOSTILE.forEach((title, index) => {
      fleet.assignedIssue({
        number: index + 1,
        title,
        body: `${title}\n\n- Blocked by: ${title}\n`,
      });
    });
    for (let number = 1; number <= HOSTILE.length; number += 1) {
      await fleet.untilItem(number, ({ status }) => status === "done");
    }
    const made = await branches(fleet);
    expect(made).toHaveLength(HOSTILE.length);
    for (const branch of made) expect(branch).toMatch(SAFE_BRANCH);
    const data = fleet.parts.config.environment.dataDir;
    const kept = await readdir(join(data, "work/items"));
    expect(kept.filter((name) => !/^ET-\d{3}(?:\.lock)?$/.test(name))).toEqual([]);
  });

  it("of repositories, branches and commits in signed deliveries start and reach nothing", async () => {
    const fleet = await runFleet();
    fleet.assignedIssue({ number: 1, title: "Fine" });
    await fleet.untilItem(1, ({ status }) => status === "done");
    await fleet.untilQuiet();
    const before = {
      refs: await fleet.remote.git("for-each-ref"),
      moved: fleet.transitions.length,
    };

    let deliveries = 0;
    const deliver = async (name: string, change: (body: Body, hostile: string) => void) => {
      for (const hostile of HOSTILE) {
        const sample = fixture(name);
        const body = JSON.parse(sample.body.toString("utf8")) as Body;
        body.repository.full_name = REPO;
        change(body, hostile);
        deliveries += 1;
        const made = request("gitea", sample.headers, body);
        const answer = await post(
          fleet.receiver.url,
          signed(redelivered(made, `hostile-${deliveries}`), GITEA_SECRET),
        );
        expect([200, 400], `${name} with ${JSON.stringify(hostile)}`).toContain(answer.status);
      }
    };
    await deliver("gitea/issues_assigned_to_bot", (body, hostile) => {
      body.repository.full_name = hostile;
      body.repository.name = hostile;
    });
    await deliver("gitea/issues_assigned_to_bot", (body, hostile) => {
      body.repository.full_name = `acme/${hostile}`;
    });
    await deliver("gitea/push_two_commits", (body, hostile) => {
      body.ref = `refs/heads/${hostile}`;
    });
    await deliver("gitea/push_two_commits", (body, hostile) => {
      Object.assign(body, { ref: hostile, before: hostile, after: hostile });
    });
    await deliver("gitea/pull_request_closed_merged", (body, hostile) => {
      Object.assign(body.pull_request?.head ?? {}, { ref: hostile, sha: hostile, label: hostile });
      Object.assign(body.pull_request ?? {}, { merge_commit_sha: hostile });
    });
    await deliver("gitea/status_pending", (body, hostile) => {
      Object.assign(body, { sha: hostile, context: hostile, branches: [{ name: hostile }] });
    });
    await fleet.untilQuiet();
    expect({
      refs: await fleet.remote.git("for-each-ref"),
      moved: fleet.transitions.length,
    }).toEqual(before);
  });

  it("in commands of an approver name no commit, stage or blocker that isn't one", async () => {
    const fleet = await runFleet({
      projects: { [REPO]: { pipeline: "full" } },
    });
    fleet.assignedIssue({ number: 1, title: "Fine" });
    await fleet.untilItem(1, ({ status }) => status === "awaiting-approval");
    const words = HOSTILE.filter((text) => !text.includes("\n") && !text.includes("\0"));
    const commands = words.flatMap((text) => [
      `/approve ${text}`,
      `/rollback ${text}`,
      `/unblock ${text}`,
      `/budget ${text}`,
    ]);
    for (const command of commands) fleet.gitea.humanComment(REPO, 1, APPROVER, command);
    await fleet.untilItem(1, ({ heard }) => heard.length === commands.length);
    await fleet.untilQuiet();
    const item = await fleet.untilItem(1, () => true);
    expect(item).toMatchObject({ stage: "analysis", status: "awaiting-approval", approval: null });
    expect(fleet.gitea.comments(REPO, 1).some(({ author }) => author === BOT)).toBe(true);
  });
});

interface Body {
  ref?: string;
  readonly repository: { full_name: string; name: string };
  readonly pull_request?: { readonly head: object };
}
