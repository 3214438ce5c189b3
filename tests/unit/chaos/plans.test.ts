import { describe, expect, it } from "vitest";
import { FAULTS } from "../../../chaos/faults/all.js";
import { planFaults } from "../../../chaos/faults/schedule.js";
import { planIssues } from "../../../chaos/load/issues.js";
import { answersTo, MANNERS } from "../../../chaos/load/manners.js";
import { PROJECTS } from "../../../chaos/world/projects.js";
import { dice } from "../../support/dice.js";

const SEEDS = [0, 1, 7, 4_294_967_295];
const MINUTES = 3;

describe.each(SEEDS)("what chaos plans of seed %i", (seed) => {
  const issues = planIssues(dice(seed), MINUTES);
  const faults = planFaults(FAULTS, dice(seed), MINUTES);

  it("is planned the same again", () => {
    expect(planIssues(dice(seed), MINUTES)).toEqual(issues);
    expect(planFaults(FAULTS, dice(seed), MINUTES)).toEqual(faults);
    expect(planIssues(dice(seed + 1), MINUTES)).not.toEqual(issues);
  });

  it("is load enough: two hundred issues, with edges, bad runs and changed minds", () => {
    expect(issues.length).toBeGreaterThanOrEqual(200);
    expect(issues.filter(({ blockers }) => blockers.length > 0).length).toBeGreaterThan(40);
    expect(issues.some(({ withdrawn }) => withdrawn !== null)).toBe(true);
    for (const manner of MANNERS) {
      expect(issues.some(({ approver }) => approver === manner)).toBe(true);
    }
    for (const { name } of PROJECTS) {
      expect(issues.filter((issue) => issue.project === name).length).toBeGreaterThan(10);
    }
    for (const word of ["fail", "later", "back", "child", "slow"]) {
      expect(issues.some(({ body }) => body.includes(word))).toBe(true);
    }
  });

  it("files every blocker before what it blocks, and withdraws none", () => {
    issues.forEach(({ key, blockers }, place) => {
      const before = issues.slice(0, place);
      for (const blocker of blockers) {
        expect(before.find((each) => each.key === blocker)?.withdrawn, key).toBeNull();
      }
    });
  });

  it("has every fault be over in time, and none twice on one target at once", () => {
    const busy = new Map<string, number>();
    for (const { fault, target, at, lastsMs } of faults) {
      const hit = `${fault.name} ${target}`;
      expect(at).toBeGreaterThanOrEqual(busy.get(hit) ?? 0);
      expect(at + lastsMs).toBeLessThanOrEqual(MINUTES * 60_000);
      busy.set(hit, at + lastsMs);
    }
    expect(faults.length).toBeGreaterThan(40);
  });
});

describe.each(MANNERS)("an approver who %s", (manner) => {
  it("agrees in the end, and to nothing that they weren't asked for", () => {
    const asked = ["a", "b", "c"].map((digit) => digit.repeat(40));
    const texts = asked.map((_, place) =>
      answersTo(manner, asked.slice(0, place + 1)).map(({ text }) => text),
    );
    const named = texts.flat().flatMap((text) => /^\/approve (\w+)$/.exec(text)?.[1] ?? []);
    for (const commit of named) expect(asked.some((one) => one.startsWith(commit))).toBe(true);
    expect(texts.at(-1)?.at(-1)).toMatch(/^(:approved:|\/approve c+)$/);
  });
});
