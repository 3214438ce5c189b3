import { basename, join } from "node:path";
import type { AgentSettings } from "../domain/fleet.js";
import { type Bubblewrap, bubblewrapped, whyRefused } from "./bubblewrap.js";
import { programFile } from "./exposed-paths.js";
import { asUser, type OtherUser } from "./other-user.js";

/** What a contained command may reach. */
export interface Confines {
  readonly settings: Pick<AgentSettings, "sandbox" | "user">;
  /** Absolute path of the tree it works in. */
  readonly worktree: string;
  /** Absolute paths of folders from which git in the worktree reads objects. */
  readonly borrows: readonly string[];
  /** Absolute path of the folder with its HOME and TMPDIR. */
  readonly privatePath: string;
}

/** Turns a command into the argument list that is really started. Agents and gates share it. */
export interface Contain {
  (command: readonly string[], confines: Confines): readonly string[];
  /** Why nothing can be contained so now, though it could at start; null: it can. Absent: it always can. */
  readonly broken?: (confines: Confines) => string | null;
}

/** The process group, the marker and the watchdog are all that contains the command. */
export const uncontained: Contain = (command: readonly string[]) => command;

export interface Containment {
  /** Null: it isn't there or doesn't work. */
  readonly bubblewrap: Bubblewrap | null;
  /** The users that config names, by name. */
  readonly users: ReadonlyMap<string, OtherUser>;
  /** Where programs are looked for: the PATH that commands get. */
  readonly searchPath: string;
}

/** Contains each command as its settings say and this machine can. */
export function createContain({ bubblewrap, users, searchPath }: Containment): Contain {
  const wrapFor = ({ settings }: Confines) =>
    settings.sandbox === "none" || (settings.user !== null && !changesUser(bubblewrap))
      ? null
      : bubblewrap;
  const contain = (command: readonly string[], confines: Confines) => {
    const { sandbox, user } = confines.settings;
    const other = user === null ? null : knownUser(users, user);
    const wrap = wrapFor(confines);
    if (wrap === null && sandbox === "bubblewrap") {
      throw new Error("bubblewrap is asked for and doesn't work here");
    }
    const [program = ""] = command;
    if (wrap === null && other === null) return uncontained(command, confines);
    const file = programFile(program, searchPath, confines.worktree);
    // What starts it would report a missing program as the program's own exit code.
    if (file === null) return [join("/dev/null", basename(program))];
    if (wrap === null) return other?.lend(confines, asUser(other, command)) ?? command;
    const contained = bubblewrapped(wrap, { command, file, confines, user: other });
    return other?.lend(confines, contained) ?? contained;
  };
  const broken = (confines: Confines) => {
    const wrap = wrapFor(confines);
    const why = wrap === null ? null : whyRefused(wrap);
    return why === null ? null : `bubblewrap doesn't work any more: ${why}`;
  };
  return Object.assign(contain, { broken });
}

/** In a user namespace of its own a sandbox knows only the user who made it. */
export function changesUser(bubblewrap: Bubblewrap | null): boolean {
  return bubblewrap !== null && !bubblewrap.isolation.includes("--unshare-user");
}

function knownUser(users: ReadonlyMap<string, OtherUser>, name: string): OtherUser {
  const user = users.get(name);
  if (user === undefined) throw new Error(`user ${name} was not looked up at start`);
  return user;
}
