import { access } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { workspaceWorld } from "../support/workspace-world.js";

/** A file that only appears if something of a name was run. */
const TRIPWIRE = join(tmpdir(), `stagecoach-tripwire-${process.pid}`);

const HOSTILE_NAMES = [
  `--upload-pack=touch ${TRIPWIRE}`,
  `-oProxyCommand=touch ${TRIPWIRE}`,
  `--output=${TRIPWIRE}`,
  `ext::sh -c touch% ${TRIPWIRE}`,
  `$(touch ${TRIPWIRE})`,
  `\`touch ${TRIPWIRE}\``,
  `a;touch ${TRIPWIRE}`,
  `a|touch ${TRIPWIRE}`,
  "a\nb",
  "a\0b",
  "a\tb",
  "../../etc/passwd",
  "a/../b",
  "/etc/passwd",
  "feature/\u202egnp.exe",
  "feature/\u200bx",
  "a.lock",
  "a/b.lock/c",
  "@",
  "@{u}",
  "a@{0}",
  "HEAD",
  "a..b",
  "a:b",
  "+refs/heads/*",
  "refs/heads/main:refs/heads/x",
  "a^{commit}",
  "a~1",
  "a?",
  "a*",
  "[a]",
  "a\\b",
  ".hidden",
  "a/.hidden",
  "a//b",
  "a/",
  "a.",
  "x".repeat(300),
  "ſ",
  "",
];

const HOSTILE_REMOTES = [
  `ext::sh -c touch% ${TRIPWIRE}`,
  "ext::sh",
  `--upload-pack=touch ${TRIPWIRE}`,
  `-oProxyCommand=touch ${TRIPWIRE}`,
  `ssh://-oProxyCommand=touch%20${TRIPWIRE}/x`,
  "-oProxyCommand=x:y",
  "a@-oProxyCommand=x:y",
  "git@host:-x",
  "fd::17/foo",
  "git://host/x",
  "ftp://host/x",
  "file://host/x",
  "persistent-https://host/x",
  "http::https://host/x",
  "relative/path",
  "/srv/a\nb",
  "/srv/a\0b",
  "",
];

async function refusesAll(name: string, uses: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const [index, use] of uses.entries()) {
    const error = await use().catch((fault: unknown) => fault);
    const shown = `use ${index} of ${JSON.stringify(name)}`;
    expect(error, shown).toMatchObject({ name: "WorkspaceError", code: "unsafe-name" });
  }
}

async function nothingRan(): Promise<void> {
  await expect(access(TRIPWIRE)).rejects.toMatchObject({ code: "ENOENT" });
}

describe("names from outside", () => {
  it("are refused as a branch, a blocker's and a base", async () => {
    const world = await workspaceWorld();
    for (const name of HOSTILE_NAMES) {
      await refusesAll(name, [
        () => world.open({ branch: name }),
        () => world.open({ blockers: [name] }),
        () => world.open({ project: world.project({ baseBranch: name }) }),
        () => world.workspace.head(world.project(), name),
      ]);
    }
    expect(await world.remote.git("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
    await nothingRan();
  });

  it("are refused as an item, a commit, a path out of the mirrors' folder", async () => {
    const world = await workspaceWorld();
    const { workspace } = world;
    const view = workspace.at(world.project(), await world.remote.git("rev-parse", "main"));
    for (const name of HOSTILE_NAMES) {
      await refusesAll(name, [
        () => world.open({ item: name }),
        async () => workspace.remove(name),
        async () => workspace.at(world.project(), name),
        () => workspace.fresh(world.project(), name),
        () => view.changedSince(name),
        () => world.open({ project: world.project({ name: `x/../${name}` }) }),
      ]);
    }
    await nothingRan();
  });

  it("are refused as a remote, before git is asked", async () => {
    const world = await workspaceWorld();
    for (const remote of HOSTILE_REMOTES) {
      await refusesAll(remote, [() => world.open({ project: world.project({ remote }) })]);
    }
    await nothingRan();
  });

  it("stand harmlessly in the messages that name them", async () => {
    const world = await workspaceWorld();
    const error = await world.open({ branch: "x\u202e\u0007`@alice` <b>" }).catch((e: Error) => e);
    expect((error as Error).message).toMatch(/^[\x20-\x7e]+$/);
    expect((error as Error).message).not.toMatch(/[`@<>]/);
  });
});
