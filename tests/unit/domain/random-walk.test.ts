import { describe, expect, it } from "vitest";
import type { RunEnding } from "../../../src/domain/run.js";
import { STAGES } from "../../../src/domain/stage.js";
import type { Transition } from "../../../src/domain/transition.js";
import {
  hasPendingRun,
  ITEM_STATUSES,
  isFinished,
  type WorkItem,
} from "../../../src/domain/work-item.js";
import { CAP, pipeline } from "./situation.js";
import { Walk } from "./walk.js";

const STEPS = 150;
const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);

/** All records as the store would keep them, and how often each ending was written. */
class Records {
  readonly #endings = new Map<string, RunEnding | null>();

  write({ item, runs = [] }: Transition): void {
    for (const run of [...runs, ...(item.run === null ? [] : [item.run])]) {
      const before = this.#endings.get(run.id) ?? null;
      if (before !== null) expect(run.ending, `${run.id} is closed again`).toBe(before);
      this.#endings.set(run.id, run.ending);
    }
  }

  open(): string[] {
    return [...this.#endings].flatMap(([id, ending]) => (ending === null ? [id] : []));
  }
}

function checkItem(before: WorkItem, item: WorkItem): void {
  expect(ITEM_STATUSES).toContain(item.status);
  expect(STAGES).toContain(item.stage);
  expect(item.reason.trim()).not.toBe("");
  expect(JSON.parse(JSON.stringify(item))).toStrictEqual(item);
  expect(item.version - before.version).toBeGreaterThanOrEqual(0);
  expect(item.version - before.version).toBeLessThanOrEqual(1);
  if (item.stage !== before.stage) expect(item.version).toBe(before.version + 1);
  expect(item.developerRuns).toBeLessThanOrEqual(CAP + item.grantedRuns);
  expect(item.status === "done").toBe(item.stage === "done");
  if (isFinished(before)) expect([item.status, item.stage]).toEqual([before.status, before.stage]);
}

describe.each(["full", "direct"] as const)(
  "whatever happens to an item of the %s pipeline",
  (name) => {
    const walks = () => SEEDS.map((seed) => ({ seed, walk: new Walk(seed, pipeline(name)) }));

    it("its status is known, its version only rises, and the cap holds (I3, I6, I9)", () => {
      for (const { seed, walk } of walks()) {
        for (let step = 0; step < STEPS; step += 1) {
          const before = walk.item;
          if (walk.step() === null) continue;
          try {
            checkItem(before, walk.item);
          } catch (error) {
            throw new Error(`seed ${seed}, step ${step}`, { cause: error });
          }
        }
      }
    });

    it("no two of its effects share an id, and a version has at most one run's flow (I1, I4)", () => {
      for (const { seed, walk } of walks()) {
        const ids = new Set<string>();
        const flows = new Set<number>();
        let transition: Transition | null = walk.last;
        for (let step = 0; step < STEPS; step += 1) {
          for (const effect of transition?.effects ?? []) {
            expect(ids.has(effect.id), `seed ${seed}: ${effect.id} again`).toBe(false);
            ids.add(effect.id);
            if (effect.kind !== "flow" || !effect.run) continue;
            expect(flows.has(effect.version), `seed ${seed}: v${effect.version} again`).toBe(false);
            flows.add(effect.version);
          }
          transition = walk.step();
        }
      }
    });

    it("each run's record is closed once, and none stays open behind the item (I5)", () => {
      for (const { seed, walk } of walks()) {
        const records = new Records();
        for (let step = 0; step < STEPS; step += 1) {
          const transition = walk.step();
          if (transition === null) continue;
          records.write(transition);
          const own = walk.item.run?.ending === null ? [walk.item.run.id] : [];
          expect(records.open(), `seed ${seed}, step ${step}`).toEqual(own);
        }
      }
    });

    it("an approver's retry goes on from wherever it stands still", () => {
      for (const { seed, walk } of walks()) {
        for (let step = 0; step < STEPS; step += 1) {
          walk.step();
          const { item } = walk;
          const goesOn = item.status === "running" || item.status === "waiting";
          if (isFinished(item) || (hasPendingRun(item) && goesOn)) continue;
          const again = walk.retry().item;
          const where = `seed ${seed}, step ${step}: ${item.status} in ${item.stage}`;
          expect([again.status, again.expectsRun], where).toEqual(["waiting", true]);
        }
      }
    });

    it("comes to its end, to the cap and to every status it can have", () => {
      const seen = new Set<string>();
      for (const { walk } of walks()) {
        for (let step = 0; step < STEPS; step += 1) {
          walk.step();
          seen.add(walk.item.status);
        }
      }
      // Nobody asks in a pipeline without an analysis and a review.
      const never = name === "direct" ? ["awaiting-approval"] : [];
      expect([...seen, ...never].sort()).toEqual([...ITEM_STATUSES].sort());
    });
  },
);
