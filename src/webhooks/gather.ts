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
 * load the turns are long, and a trip is most of what a caller costs. A trip that is full leaves at once,
 * so that the store works while the turn goes on. Nobody waits for another's trip.
 */
export function gather<One, Answer>(trip: Trip<One, Answer>): (one: One) => Promise<Answer> {
  const { most, weigh = () => 1 } = trip;
  let waiting: Waiting<One, Answer>[] = [];
  let weight = 0;
  let atEndOfTurn: NodeJS.Immediate | undefined;
  const depart = () => {
    const batch = waiting;
    waiting = [];
    weight = 0;
    clearImmediate(atEndOfTurn);
    if (batch.length > 0) void travel(trip, batch);
  };
  const board = (one: Waiting<One, Answer>) => {
    const more = weigh(one.one);
    if (weight + more > most) depart();
    waiting.push(one);
    weight += more;
    if (weight >= most) depart();
    else if (waiting.length === 1) atEndOfTurn = setImmediate(depart);
  };
  return (one) => new Promise((answer, fail) => board({ one, answer, fail }));
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
