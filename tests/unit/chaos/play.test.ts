import { expect, it } from "vitest";
import type { Fault } from "../../../chaos/faults/fault.js";
import { frozenProcess } from "../../../chaos/faults/frozen-process.js";
import { killedProcess } from "../../../chaos/faults/killed-process.js";
import { fullDisk } from "../../../chaos/faults/outside-faults.js";
import { playFaults } from "../../../chaos/faults/play.js";
import { frozenRedis } from "../../../chaos/faults/redis-faults.js";
import type { World } from "../../../chaos/world/world.js";

const WORLD = {} as World;
const MINUTE = 60_000;

function planned(begin: Fault["begin"], at: number) {
  const fault = { name: "a fault", targets: ["redis"], shortest: 0, longest: MINUTE, weight: 1 };
  return { fault: { ...fault, begin }, target: "redis", at, lastsMs: MINUTE };
}

it("a fault that can't be played ends the others, which give back what they took", async () => {
  const given: string[] = [];
  const taken = planned(async () => async () => void given.push("first"), 0);
  const impossible = planned(() => Promise.reject(new Error("there is no such process")), 5);
  const later = planned(async () => async () => void given.push("later"), MINUTE);
  const playing = playFaults(
    WORLD,
    [taken, impossible, later],
    new AbortController().signal,
    () => {},
  );
  await expect(playing).rejects.toThrow("there is no such process");
  expect(given).toEqual(["first"]);
});

it("a fault that there was nothing to play on is told, and isn't counted as played", async () => {
  const told: string[] = [];
  const stop = new AbortController();
  const real = planned(async () => {
    stop.abort();
    return async () => {};
  }, 5);
  const idle = planned(async () => null, 0);
  const played = await playFaults(WORLD, [idle, real], stop.signal, (line) => told.push(line));
  expect(played).toEqual([expect.stringMatching(/^\d+\.\d s {2}a fault: redis, 60\.0 s$/)]);
  expect(told).toEqual([expect.stringContaining("s  not played: a fault: redis"), ...played]);
});

const seat = (alive: boolean) => ({ signal: () => alive });
const world = (alive: boolean) =>
  ({
    fleet: { seat: () => seat(alive) },
    redis: seat(alive),
    disk: { unfillable: alive ? null : "no", fill: async () => {}, free: async () => {} },
  }) as unknown as World;

it.each([killedProcess, frozenProcess, frozenRedis, fullDisk])(
  "there is nothing to play it on where nobody sits and nothing can be filled: $name",
  async (fault) => {
    expect(await fault.begin(world(false), "stage-1")).toBeNull();
    expect(await fault.begin(world(true), "stage-1")).not.toBeNull();
  },
);
