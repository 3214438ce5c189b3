import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** A line between a process and a server, which can be bad. */
export interface Line {
  readonly port: number;
  /** Everything is cut, and nobody gets through. */
  cut(): void;
  /** What is sent arrives so much later, in order; 0: at once. */
  delay(ms: number): void;
  /** Nothing arrives any more, and nobody is told. */
  stall(): void;
  /** Whole again; connections that stalled are cut. */
  mend(): void;
  stop(): Promise<void>;
}

type State = "whole" | "cut" | "stalled";

export async function startLine(target: number): Promise<Line> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let state: State = "whole";
  let delayMs = 0;
  const drop = () => {
    for (const [near, far] of pairs) {
      near.destroy();
      far.destroy();
    }
    pairs.clear();
  };
  const pass = (from: Socket, to: Socket) => {
    let last = Promise.resolve();
    from.on("data", (chunk) => {
      if (state === "stalled") return;
      const due = performance.now() + delayMs;
      // In order, also where the delay has ended meanwhile.
      last = last.then(async () => {
        const early = due - performance.now();
        if (early > 0) await pause(early);
        if (to.writable) to.write(chunk);
      });
    });
    // An end of either side is the end of both, however it came.
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
  };
  const server = createServer((near) => {
    if (state === "cut") return near.destroy();
    const far = connect(target, "127.0.0.1");
    const pair = [near, far] as const;
    pairs.add(pair);
    near.once("close", () => pairs.delete(pair));
    pass(near, far);
    pass(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      state = "cut";
      drop();
    },
    delay(ms) {
      delayMs = ms;
    },
    stall() {
      state = "stalled";
    },
    mend() {
      if (state === "stalled") drop();
      state = "whole";
      delayMs = 0;
    },
    stop() {
      drop();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
