import { readdirSync, readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { serveGit } from "../support/git-http.js";
import { HEAD, put, workspaceWorld } from "../support/workspace-world.js";

const BOT = { username: "bot", password: "token-8d1f0c77aa42" };
const BASIC = Buffer.from(`${BOT.username}:${BOT.password}`).toString("base64");
const FORMS = [BOT.password, BASIC, encodeURIComponent(BOT.password)];

/** Processes of this machine at this moment that show the token, as `where: pid`. */
function shownBy(what: "cmdline" | "environ"): readonly string[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const text = readFileSync(`/proc/${pid}/${what}`, "latin1");
      const name = readFileSync(`/proc/${pid}/comm`, "latin1").trim();
      return FORMS.some((form) => text.includes(form)) ? [`${what} of ${name}`] : [];
    } catch {
      // It ended, or is another user's.
      return [];
    }
  });
}

async function filesWithToken(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const found = await Promise.all(
    files.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const text = await readFile(path, "latin1");
      return FORMS.some((form) => text.includes(form)) ? [path] : [];
    }),
  );
  return found.flat();
}

describe("credentials of an http remote", () => {
  it("reach the forge and show nowhere: no argument, no file, no environment but git's own", async () => {
    const shown = new Set<string>();
    const environments = new Set<string>();
    let requests = 0;
    const world = await workspaceWorld({
      secrets: [BOT.password],
      credentials: (url) => (url.hostname === "127.0.0.1" ? BOT : null),
    });
    const served = await serveGit(dirname(world.remote.path), BOT, () => {
      requests += 1;
      for (const where of shownBy("cmdline")) shown.add(where);
      for (const where of shownBy("environ")) environments.add(where);
    });
    const project = world.project({ remote: `${served.url}/rocket.git` });
    const checkout = await world.open({ project });
    await put(checkout, { "src/a.txt": "two\n" });
    const { commit } = await checkout.push("work");
    expect(await world.remote.ref(HEAD)).toBe(commit);
    expect(await world.again().at(project, commit).read("src/a.txt")).toBe("two\n");

    expect(served.refused()).toBe(0);
    expect(requests).toBeGreaterThan(4);
    expect([...shown]).toEqual([]);
    expect([...environments].filter((where) => !/ of git/.test(where))).toEqual([]);
    expect(await filesWithToken(world.dataDir)).toEqual([]);
  });

  it("aren't sent where they don't belong, and then the remote is out of reach", async () => {
    const world = await workspaceWorld({ credentials: () => null });
    const served = await serveGit(dirname(world.remote.path), BOT, () => undefined);
    const project = world.project({ remote: `${served.url}/rocket.git` });
    await expect(world.open({ project })).rejects.toMatchObject({ code: "remote-unavailable" });
    expect(served.refused()).toBeGreaterThan(0);
  });

  it("in a remote's address are neither shown to others nor told in a message", async () => {
    const shown = new Set<string>();
    const world = await workspaceWorld();
    const served = await serveGit(dirname(world.remote.path), BOT, () => {
      for (const where of shownBy("cmdline")) shown.add(where);
    });
    const address = new URL(`${served.url}/gone.git`);
    address.username = BOT.username;
    address.password = BOT.password;
    const project = world.project({ remote: address.href });
    const error = await world.open({ project }).catch((fault: unknown) => fault);
    expect(error).toMatchObject({ code: "remote-unavailable" });
    for (const form of FORMS) expect((error as Error).message).not.toContain(form);
    expect([...shown]).toEqual([]);
    expect(await filesWithToken(world.dataDir)).toEqual([]);
  });
});
