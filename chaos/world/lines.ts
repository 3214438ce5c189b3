import { type Line, startLine } from "./tcp-proxy.js";

/** A line to Redis for each seat. */
export interface Lines {
  of(seat: string): Line;
  stop(): Promise<void>;
}

export async function openLines(seats: readonly string[], redisPort: number): Promise<Lines> {
  const lines = new Map(
    await Promise.all(seats.map(async (seat) => [seat, await startLine(redisPort)] as const)),
  );
  return {
    of(seat) {
      const line = lines.get(seat);
      if (line === undefined) throw new Error(`there is no line of ${seat}`);
      return line;
    },
    async stop() {
      await Promise.all([...lines.values()].map((line) => line.stop()));
    },
  };
}
