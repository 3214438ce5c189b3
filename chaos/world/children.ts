import type { ChildProcess } from "node:child_process";

const started = new Set<ChildProcess>();

/** Whoever is started here doesn't outlive us, whatever ends us. */
export function tracked(child: ChildProcess): ChildProcess {
  started.add(child);
  child.once("exit", () => started.delete(child));
  return child;
}

/** The last thing done, at exit. */
export function killChildren(): void {
  for (const child of started) child.kill("SIGKILL");
}
