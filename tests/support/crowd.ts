import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

export interface Crowd {
  /** Connections that were accepted when the last one had been tried. */
  readonly standing: number;
  /** All of them have been closed by the other side. */
  untilSentAway(): Promise<void>;
  /** Ends the process, and with it every connection. */
  leave(): Promise<void>;
}

/** Connections from a process of its own, each of which sends `greeting`, `filler` bytes, and no more. */
export async function crowd(
  origin: string,
  count: number,
  greeting = "",
  filler = 0,
): Promise<Crowd> {
  const script = new URL("./crowd.mjs", import.meta.url);
  const child = fork(script, [new URL(origin).port, String(count), greeting, String(filler)]);
  const gone = new Promise<void>((resolve) => {
    child.on("message", (said: { left?: number }) => {
      if (said.left === 0) resolve();
    });
  });
  const standing = await standingIn(child);
  return {
    standing,
    untilSentAway: () => gone,
    async leave() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    },
  };
}

function standingIn(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on("message", (said: { standing?: number }) => {
      if (said.standing !== undefined) resolve(said.standing);
    });
    child.once("exit", (code) => reject(new Error(`the crowd ended by itself, with ${code}`)));
  });
}
