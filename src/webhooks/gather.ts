interface Waiting<One, Answer> {
  readonly one: One;
  readonly answer: (answer: Answer) => void;
  readonly fail: (error: unknown) => void;
}

export interface Trip<One, Answer> {
  /** Does the work for all of them, and answers in their order. What it throws, each of them gets. */
  readonly go: (batch: readonly One[]) => Promise<readonly Answer[]>;
  /** What a trip may carry, in the weights of `weigh`; one that is heavier goes alone. */
  readonly most: number;
  /** Default: each weighs 1. */
  readonly weigh?: (one: One) => number;
}

/**
 * Callers of one turn of the event loop share a trip to the store, in the order of their calls: under
 * load the turns are long, and a trip is most of what a caller costs. Nobody waits for another's trip.
 */
export function gather<One, Answer>(trip: Trip<One, Answer>): (one: One) => Promise<Answer> {
  let waiting: Waiting<One, Answer>[] = [];
  const depart = () => {
    let left: readonly Waiting<One, Answer>[] = waiting;
    waiting = [];
    while (left.length > 0) {
      const batch = boarding(left, trip);
      left = left.slice(batch.length);
      void travel(trip, batch);
    }
  };
  return (one) =>
    new Promise((answer, fail) => {
      waiting.push({ one, answer, fail });
      if (waiting.length === 1) setImmediate(depart);
    });
}

function boarding<One, Answer>(
  waiting: readonly Waiting<One, Answer>[],
  { most, weigh = () => 1 }: Trip<One, Answer>,
): readonly Waiting<One, Answer>[] {
  let weight = 0;
  const full = waiting.findIndex(({ one }, at) => {
    weight += weigh(one);
    return at > 0 && weight > most;
  });
  return full < 0 ? waiting : waiting.slice(0, full);
}

/** Never rejects: each of the batch hears how it went. */
async function travel<One, Answer>(
  { go }: Trip<One, Answer>,
  batch: readonly Waiting<One, Answer>[],
): Promise<void> {
  try {
    const answers = await go(batch.map(({ one }) => one));
    if (answers.length !== batch.length) throw new Error("a trip must answer each of its batch");
    batch.forEach(({ answer }, at) => {
      answer(answers[at] as Answer);
    });
  } catch (error) {
    for (const { fail } of batch) fail(error);
  }
}
