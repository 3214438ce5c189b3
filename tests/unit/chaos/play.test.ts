import { expect, it } from "vitest";
import type { Fault } from "../../../chaos/faults/fault.js";
import { playFaults } from "../../../chaos/faults/play.js";
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
