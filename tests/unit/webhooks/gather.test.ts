import { describe, expect, it } from "vitest";
import { gather } from "../../../src/webhooks/gather.js";

/** Notes what goes together, and lets the test say when a trip ends. */
function noted(most = 10, weigh?: (one: number) => number) {
  const trips: (readonly number[])[] = [];
  const ends: (() => void)[] = [];
  let departed = () => {};
  const call = gather<number, string>({
    most,
    ...(weigh === undefined ? {} : { weigh }),
    go: async (batch) => {
      trips.push(batch);
      const end = new Promise<void>((resolve) => ends.push(resolve));
      departed();
      await end;
      if (batch.includes(13)) throw new Error("13 can't travel");
      return batch.map((one) => `answer ${one}`);
    },
  });
  const departure = () =>
    new Promise<void>((resolve) => {
      departed = resolve;
    });
  return { call, trips, departure, end: () => ends.shift()?.() };
}

describe("callers of one moment", () => {
  it("share a trip, and each hears its own answer", async () => {
    const { call, trips, departure, end } = noted();
    const gone = departure();
    const answers = Promise.all([1, 2, 3].map(call));
    await gone;
    end();
    expect(await answers).toEqual(["answer 1", "answer 2", "answer 3"]);
    expect(trips).toEqual([[1, 2, 3]]);
  });

  it("don't wait for the trip of those before them, and keep their order", async () => {
    const { call, trips, departure, end } = noted();
    const gone = departure();
    const first = call(1);
    await gone;
    const next = departure();
    const rest = Promise.all([call(2), call(3)]);
    await next;
    expect(trips).toEqual([[1], [2, 3]]);
    end();
    end();
    expect([await first, ...(await rest)]).toEqual(["answer 1", "answer 2", "answer 3"]);
  });

  it("share a fault, and those after them don't", async () => {
    const { call, departure, end } = noted();
    const gone = departure();
    const broken = Promise.allSettled([call(13), call(1)]);
    await gone;
    end();
    expect((await broken).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    const again = departure();
    const after = call(2);
    await again;
    end();
    expect(await after).toBe("answer 2");
  });

  it("leave at once when a trip is full; the heaviest goes alone", async () => {
    const { call, trips, departure, end } = noted(10, (one) => one);
    const answers = Promise.all([4, 5, 2, 99, 1].map(call));
    expect(trips).toEqual([[4, 5], [2], [99]]);
    await departure();
    expect(trips.at(-1)).toEqual([1]);
    for (const _ of trips) end();
    await answers;
  });
});
