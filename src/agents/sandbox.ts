import type { AgentSettings } from "../domain/fleet.js";

/** What a contained command may reach. */
export interface Confines {
  readonly settings: Pick<AgentSettings, "sandbox" | "user">;
  /** Absolute path of the tree it works in. */
  readonly worktree: string;
  /** Absolute path of its HOME and TMPDIR. */
  readonly privatePath: string;
}

/** Turns a command into the argument list that is really started. Agents and gates share it. */
export type Contain = (command: readonly string[], confines: Confines) => readonly string[];

/** The process group and the watchdog are all that contains the command. */
export const uncontained: Contain = (command) => command;
