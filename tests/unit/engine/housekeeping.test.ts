import { describe, expect, it } from "vitest";
import { startHousekeeping, withHousekeeping } from "../../../src/cli/wiring/housekeeping.js";
import { type HostFolders, keepHouse } from "../../../src/engine/housekeeping.js";
import { silentLogger } from "../../../src/telemetry/logger.js";

const NOW = 1_000_000;

function host(checkouts: Readonly<Record<string, number>>, broken: readonly string[] = []) {
  const done: string[] = [];
  const folders: HostFolders = {
    checkouts: async () => Object.entries(checkouts).map(([item, usedAt]) => ({ item, usedAt })),
    remove: async (item) => {
      if (broken.includes(item)) throw new Error("not ours");
      done.push(`remove ${item}`);
    },
    tidy: async (projects) => {
      done.push(`tidy ${projects.length}`);
    },
  };
  const deps = {
    folders,
    items: {
      find: async (id: string) =>
        id === "ET-404"
          ? null
          : { status: id === "ET-001" ? ("done" as const) : ("failed" as const) },
    },
    fleet: { projects: [] },
    log: silentLogger(),
    clock: () => NOW,
    keepCheckoutsMs: 1_000,
  };
  return { deps, done };
}

describe("housekeeping", () => {
  it("removes what is over or idle, and tidies up even where one can't be removed", async () => {
    const { deps, done } = host(
      { "ET-001": NOW, "ET-002": NOW, "ET-003": NOW - 2_000, "ET-404": NOW, "ET-005": 0 },
      ["ET-005"],
    );
    await keepHouse(deps);
    expect(done).toEqual(["remove ET-001", "remove ET-003", "remove ET-404", "tidy 0"]);
  });

  it("begins at once, goes on after a round that failed, and ends with its worker", async () => {
    const { deps } = host({});
    let rounds = 0;
    let third = () => {};
    const thirdRound = new Promise<void>((resolve) => {
      third = resolve;
    });
    const checkouts = async () => {
      rounds += 1;
      if (rounds === 3) third();
      throw new Error("the disk is gone");
    };
    const folders = { ...deps.folders, checkouts };
    const housekeeping = startHousekeeping({ ...deps, folders }, 5);
    await thirdRound;
    let drained = 0;
    const worker = {
      name: "runs" as const,
      drain: async () => {
        drained += 1;
      },
      abort: () => {},
    };
    const workers = withHousekeeping([worker, worker], housekeeping);
    await Promise.all(workers.map((each) => each.drain()));
    const stopped = rounds;
    await housekeeping.stop();
    expect(drained).toBe(2);
    expect(rounds).toBe(stopped);
  });

  it("lets a round that is under way end before it is over", async () => {
    const { deps, done } = host({});
    let finish = () => {};
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const checkouts = async () => {
      await slow;
      return [];
    };
    const housekeeping = startHousekeeping({ ...deps, folders: { ...deps.folders, checkouts } });
    const stopping = housekeeping.stop();
    expect(done).toEqual([]);
    finish();
    await stopping;
    expect(done).toEqual(["tidy 0"]);
  });
});
