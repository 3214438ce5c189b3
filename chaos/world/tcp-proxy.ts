import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type GiveBack, standing } from "./standing.js";

/** A line between a process and a server, which can be bad in several ways at once. */
export interface Line {
  readonly port: number;
  /** Everything is cut, and nobody gets through. */
  cut(): GiveBack;
  /** What is sent arrives so much later, in order; of several delays the longest. */
  delay(ms: number): GiveBack;
  /** Nothing arrives any more, and nobody is told; connections that stalled are cut at the end. */
  stall(): GiveBack;
  stop(): Promise<void>;
}

export async function startLine(target: number): Promise<Line> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const drop = () => {
    for (const [near, far] of pairs) {
      near.destroy();
      far.destroy();
    }
    pairs.clear();
  };
  const cuts = standing<"cut">();
  const stalls = standing<"stall">(drop);
  const delays = standing<number>();
  const pass = (from: Socket, to: Socket) => {
    let last = Promise.resolve();
    from.on("data", (chunk) => {
      if (stalls.all().length > 0) return;
      const due = performance.now() + Math.max(0, ...delays.all());
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
    if (cuts.all().length > 0) return near.destroy();
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
      drop();
      return cuts.begin("cut");
    },
    delay: (ms) => delays.begin(ms),
    stall: () => stalls.begin("stall"),
    stop() {
      drop();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
