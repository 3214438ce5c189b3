import { describe, expect, it, vi } from "vitest";
import type { Locks } from "../../src/engine/locks.js";

const LONG = 60_000;
const SHORT = 40;
const PATIENCE = { timeout: 20_000, interval: 10 };

/** Takes a lock as soon as its owner's time is over. */
async function takenAfterExpiry(locks: Locks, name: string): Promise<() => Promise<void>> {
  return vi.waitFor(async () => {
    const release = await locks.take(name, LONG);
    if (release === null) throw new Error("somebody still has it");
    return release;
  }, PATIENCE);
}

/** `open` gives locks nobody has taken, as two processes see them. */
export function locksContract(name: string, open: () => Promise<readonly [Locks, Locks]>): void {
  describe(`${name} locks`, () => {
    it("are given to one of fifty who ask at once", async () => {
      const processes = await open();
      const answers = await Promise.all(
        processes.flatMap((locks) => Array.from({ length: 25 }, () => locks.take("a", LONG))),
      );
      expect(answers.filter((release) => release !== null)).toHaveLength(1);
    });

    it("are free again when their owner gives them back", async () => {
      const [mine, theirs] = await open();
      const release = await mine.take("a", LONG);
      expect(await theirs.take("a", LONG)).toBeNull();
      await release?.();
      expect(await theirs.take("a", LONG)).not.toBeNull();
    });

    it("of different names don't know each other", async () => {
      const [mine, theirs] = await open();
      expect(await mine.take("a", LONG)).not.toBeNull();
      expect(await theirs.take("b", LONG)).not.toBeNull();
    });

    it("end by themselves when their owner is lost", async () => {
      const [mine, theirs] = await open();
      expect(await mine.take("a", SHORT)).not.toBeNull();
      await takenAfterExpiry(theirs, "a");
      expect(await mine.take("a", LONG)).toBeNull();
    });

    it("stay with their new owner when the late one gives his back", async () => {
      const [mine, theirs] = await open();
      const late = await mine.take("a", SHORT);
      const release = await takenAfterExpiry(theirs, "a");
      await late?.();
      expect(await mine.take("a", LONG)).toBeNull();
      await release();
      expect(await mine.take("a", LONG)).not.toBeNull();
    });

    it("can be given back twice without harm to the next owner", async () => {
      const [mine, theirs] = await open();
      const release = await mine.take("a", LONG);
      await release?.();
      expect(await theirs.take("a", LONG)).not.toBeNull();
      await release?.();
      expect(await mine.take("a", LONG)).toBeNull();
    });
  });
}
