import { mkdir, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { keepHouse } from "../../src/engine/housekeeping.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { exists as there } from "../../src/workspace/mirror.js";
import { put, type WorkspaceWorld, workspaceWorld } from "../support/workspace-world.js";

const DAY_MS = 86_400_000;
/** A lock whose owner is gone: no process gets so high a number. */
const DEAD = `${JSON.stringify({ host: hostname(), pid: 2 ** 30, started: "1", nonce: "x" })}\n`;

/** One round of housekeeping at a host where items stand as given; others are unknown. */
async function keep(
  world: WorkspaceWorld,
  statuses: Readonly<Record<string, "done" | "cancelled" | "failed">>,
  { projects = [world.project()], later = 0 } = {},
): Promise<void> {
  await keepHouse({
    items: {
      find: async (id) => {
        const status = statuses[id];
        return status === undefined ? null : { status };
      },
    },
    fleet: { projects },
    folders: world.workspace,
    log: silentLogger(),
    clock: () => Date.now() + later,
    keepCheckoutsMs: 7 * DAY_MS,
  });
}

const folder = (world: WorkspaceWorld, ...parts: string[]) => join(world.dataDir, "work", ...parts);

async function age(path: string, ms: number): Promise<void> {
  const then = new Date(Date.now() - ms);
  await utimes(path, then, then);
}

async function use(world: WorkspaceWorld, item: string): Promise<void> {
  const checkout = await world.open({ item, branch: `feature/${item}` });
  await put(checkout, { "src/b.txt": `${item}\n` });
  await checkout.push("work");
  await checkout.close();
}

describe("housekeeping", () => {
  it("removes checkouts of finished and unknown items and of idle ones, with their locks", async () => {
    const world = await workspaceWorld();
    for (const item of ["ET-001", "ET-002", "ET-003", "ET-004"]) await use(world, item);
    await keep(world, { "ET-001": "done", "ET-002": "failed", "ET-003": "cancelled" });
    expect(await readdir(folder(world, "items"))).toEqual(["ET-002"]);
    await keep(world, { "ET-002": "failed" }, { later: 8 * DAY_MS });
    expect(await readdir(folder(world, "items"))).toEqual([]);
    // Nothing was in them that the remote doesn't have.
    const again = await world.open({ item: "ET-001", branch: "feature/ET-001" });
    expect(await readdir(join(again.path, "src"))).toEqual(["a.txt", "b.txt"]);
  });

  it("leaves the checkout that a run still holds, though its item is finished", async () => {
    const world = await workspaceWorld();
    const held = await world.open();
    await keep(world, { "ET-001": "cancelled" });
    expect(await readdir(held.path)).toContain("README.md");
    expect(await there(held.privatePath)).toBe(true);
    await held.close();
    await keep(world, { "ET-001": "cancelled" });
    expect(await there(held.path)).toBe(false);
  });

  it("removes what a killed worker left: its run's private folder, a gate's checkout, half a lock", async () => {
    const world = await workspaceWorld();
    await use(world, "ET-001");
    const privatePath = folder(world, "items/ET-001/private");
    await mkdir(join(privatePath, "home"), { recursive: true });
    await writeFile(folder(world, "items/ET-001.lock"), DEAD);
    await mkdir(folder(world, "fresh/gate/tree"), { recursive: true });
    await writeFile(folder(world, "fresh/gate.lock"), DEAD);
    await writeFile(folder(world, "fresh/gone.lock"), DEAD);
    const draft = folder(world, "items/ET-001.lock.0b0b0b0b-1111-2222-3333-444444444444");
    await writeFile(draft, DEAD);
    await age(draft, DAY_MS);
    const pack = folder(world, "mirrors/rocket.git/objects/pack/tmp_pack_x");
    await writeFile(pack, "half");
    await age(pack, DAY_MS);

    await keep(world, { "ET-001": "failed" });
    expect(await there(privatePath)).toBe(false);
    expect(await readdir(folder(world, "items"))).toEqual(["ET-001"]);
    expect(await readdir(folder(world, "fresh"))).toEqual([]);
    expect(await there(pack)).toBe(false);
  });

  it("removes a mirror of a project that config no longer has, once nothing borrows from it", async () => {
    const world = await workspaceWorld();
    await use(world, "ET-001");
    const mirror = folder(world, "mirrors/rocket.git");
    const others = { projects: [world.project({ name: "lander" })] };
    await age(join(mirror, "HEAD"), DAY_MS);
    await keep(world, { "ET-001": "failed" }, others);
    expect(await there(mirror)).toBe(true);
    await keep(world, { "ET-001": "done" }, others);
    expect(await readdir(folder(world, "mirrors"))).toEqual([]);
    // Back in config, in a process that knew the mirror: it is made anew.
    await use(world, "ET-001");
    expect(await there(mirror)).toBe(true);
  });

  it("leaves a mirror in use alone, and one that config still has", async () => {
    const world = await workspaceWorld();
    await use(world, "ET-001");
    const none = { projects: [world.project({ name: "lander" })] };
    await keep(world, {}, none);
    expect(await there(folder(world, "mirrors/rocket.git"))).toBe(true);
    await age(folder(world, "mirrors/rocket.git/HEAD"), DAY_MS);
    await keep(world, {});
    expect(await there(folder(world, "mirrors/rocket.git"))).toBe(true);
  });

  it("packs a mirror a day after it was last packed, while runs go on", async () => {
    const world = await workspaceWorld();
    const mirror = folder(world, "mirrors/rocket.git");
    const loose = async () =>
      (await readdir(join(mirror, "objects"))).filter((name) => name.length === 2).length;
    await use(world, "ET-001");
    await keep(world, { "ET-001": "failed" });
    expect(await loose()).toBeGreaterThan(0);
    await age(join(mirror, "stagecoach-packed"), 2 * DAY_MS);
    const running = await world.open();
    await keep(world, { "ET-001": "failed" });
    // Packed first, dropped at the next time: both leave every object there.
    await world.workspace.pack(world.project());
    expect(await loose()).toBe(0);
    await put(running, { "src/a.txt": "two\n" });
    const { commit } = await running.push("work");
    expect(await world.workspace.at(world.project(), commit).read("src/a.txt")).toBe("two\n");
  });

  it("brings many packs together without losing an object nobody's ref names", async () => {
    const world = await workspaceWorld();
    await use(world, "ET-001");
    const head = await world.remote.git("rev-parse", "refs/heads/feature/ET-001");
    const packs = folder(world, "mirrors/rocket.git/objects/pack");
    for (let count = 0; count < 51; count += 1) {
      const commit = await world.remote.git(
        "commit-tree",
        "main^{tree}",
        "-p",
        "main",
        "-m",
        `${count}`,
      );
      await world.remote.git("update-ref", "refs/heads/main", commit);
      await world.workspace.at(world.project(), commit).read("src/a.txt");
    }
    const count = async () =>
      (await readdir(packs)).filter((name) => name.endsWith(".pack")).length;
    expect(await count()).toBeGreaterThan(50);
    await world.workspace.pack(world.project());
    expect(await count()).toBeLessThan(3);
    await world.remote.git("update-ref", "-d", "refs/heads/feature/ET-001");
    expect(await world.again().at(world.project(), head).read("src/b.txt")).toBe("ET-001\n");
  });

  it("may run in several processes at once, beside runs", async () => {
    const world = await workspaceWorld();
    const items = ["ET-001", "ET-002", "ET-003"];
    for (const item of items) await use(world, item);
    await Promise.all([
      ...items.map((item) => use(world, item)),
      ...Array.from({ length: 4 }, () => keep(world, { "ET-002": "failed" })),
    ]);
    for (const item of items) {
      expect(await world.remote.read(`refs/heads/feature/${item}`, "src/b.txt")).toBe(`${item}\n`);
    }
  });

  it("goes on where a killed one stopped, and a run can use what it left", async () => {
    const world = await workspaceWorld();
    for (const item of ["ET-001", "ET-002"]) {
      await use(world, item);
      await writeFile(folder(world, `items/${item}.lock`), DEAD);
      for (const gone of ["tree/src", "tree/.git/HEAD", "git/objects", "git/config"]) {
        await rm(folder(world, `items/${item}`, gone), { recursive: true });
      }
    }
    const opened = await world.open({ item: "ET-002", branch: "feature/ET-002" });
    expect(opened.path).toBe(folder(world, "items/ET-002/tree"));
    expect(await readdir(join(opened.path, "src"))).toEqual(["a.txt", "b.txt"]);
    await opened.close();
    await keep(world, { "ET-001": "done", "ET-002": "done" });
    expect(await readdir(folder(world, "items"))).toEqual([]);
  });
});

describe("a full disk", () => {
  it("first costs what nobody works in, then new runs, and says so", async () => {
    let free = 0;
    let needed = false;
    const world = await workspaceWorld();
    const idle = await world.open({ item: "ET-002", branch: "feature/ET-002" });
    await idle.close();
    const held = await world.open({ item: "ET-003", branch: "feature/ET-003" });
    const short = world.again({
      room: {
        freeBytes: 1_000,
        measure: async () => {
          if (needed) free = (await there(idle.path)) ? 10 : 2_000;
          return free;
        },
      },
    });
    await expect(world.open({}, short)).rejects.toMatchObject({
      code: "disk-full",
      message: expect.stringContaining("limits.freeDiskBytes"),
    });
    expect(await there(idle.path)).toBe(false);
    expect(await there(held.path)).toBe(true);
    const head = await world.remote.git("rev-parse", "main");
    await expect(short.fresh(world.project(), head)).rejects.toMatchObject({ code: "disk-full" });

    const back = await world.open({ item: "ET-002", branch: "feature/ET-002" });
    await back.close();
    needed = true;
    const opened = await world.open({}, short);
    expect(await there(idle.path)).toBe(false);
    expect(await readdir(opened.path)).toContain("README.md");
  });

  it("is measured on the disk where the work is", async () => {
    const world = await workspaceWorld({ room: { freeBytes: 1 } });
    expect(await readdir((await world.open()).path)).toContain("README.md");
    const impossible = world.again({ room: { freeBytes: Number.MAX_SAFE_INTEGER } });
    await expect(world.open({}, impossible)).rejects.toMatchObject({ code: "disk-full" });
  });
});
