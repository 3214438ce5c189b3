import type { Project } from "../domain/fleet.js";
import type { Role } from "../domain/stage.js";
import type { Sha } from "../domain/verdict.js";

/** Takes runs' checkouts through their life: the only writer of git state. */
export interface Workspace {
  /**
   * Takes the item's fence on the remote, creates the branch with `00-task.md` at its first run,
   * and lays the branch head out in the item's checkout, without the role's own verdict files.
   * @throws WorkspaceError
   */
  open(request: OpenCheckout): Promise<Checkout>;
  /** Reads the branch as it is on the remote; null: there is no such branch. */
  head(project: Project, branch: string): Promise<Sha | null>;
  /** A read-only look at one commit. */
  at(project: Project, commit: Sha): CommitView;
  /** A fresh checkout of a commit for a gate's commands; `dispose` removes it. */
  fresh(project: Project, commit: Sha): Promise<FreshCheckout>;
}

export interface FreshCheckout {
  readonly path: string;
  /** As a checkout's. */
  readonly borrows: readonly string[];
  /** Private to the commands, removed with it: their HOME and TMPDIR. */
  readonly privatePath: string;
  dispose(): Promise<void>;
}

export interface OpenCheckout {
  readonly project: Project;
  readonly item: string;
  readonly branch: string;
  readonly role: Role;
  /** Unique to this start of the run; the fence commit carries it. */
  readonly token: string;
  /** Text of `00-task.md`, written when the branch is created. */
  readonly task: string;
  /** Branches of unmerged blockers, merged into a new branch; a conflict throws `conflict`. */
  readonly blockers: readonly string[];
  /** Protected paths that a person lets this run change; default: none. */
  readonly allowedPaths?: readonly string[];
}

export interface Checkout {
  /** Absolute path of the working tree: the agent's `cwd`. */
  readonly path: string;
  /** Absolute paths of folders outside it from which git in it reads objects. */
  readonly borrows: readonly string[];
  /** The branch head the run starts from. */
  readonly head: Sha;
  /** Verdict files, questions and conflict as they stood before they were taken out: name → text. */
  readonly takenOut: Readonly<Record<string, string>>;
  /** Private to this run, removed by `close`: the agent's HOME, TMPDIR, prompt and result files. */
  readonly privatePath: string;
  /**
   * Commits the tree as one commit by `stagecoach` on top of `head`, other roles' artifacts put
   * back, and pushes it atomically with the fence, leasing both. Nothing changed: pushes nothing new
   * and returns `head`.
   * @throws WorkspaceError `superseded` when fence or branch moved, `protected-path` with the paths,
   * `secret-found`, `too-large`
   */
  push(message: string): Promise<Pushed>;
  /** Removes what is private; the checkout itself may stay for the next run. */
  close(): Promise<void>;
}

export interface Pushed {
  readonly commit: Sha;
  /** Artifacts of the role's verdict files, questions and conflict that stand in the tree: this run wrote them. */
  readonly wrote: readonly string[];
}

export interface CommitView {
  /** Null: no such file. At most 1 MiB is read. */
  read(path: string): Promise<string | null>;
  /** Paths of files below a folder, relative to the root. */
  list(folder: string): Promise<readonly string[]>;
  /** Paths that differ between `base` and this commit. */
  changedSince(base: Sha): Promise<readonly string[]>;
}

export class WorkspaceError extends Error {
  readonly code:
    | "superseded"
    | "protected-path"
    | "secret-found"
    | "too-large"
    | "disk-full"
    | "conflict"
    | "unsafe-name"
    | "remote-unavailable"
    | "git-failed";
  /** Of `protected-path`: those the run changed, as far as a person can allow them by name. */
  readonly paths: readonly string[] | undefined;

  constructor(
    code: WorkspaceError["code"],
    message: string,
    options?: ErrorOptions & { readonly paths?: readonly string[] },
  ) {
    super(message, options);
    this.name = "WorkspaceError";
    this.code = code;
    this.paths = options?.paths;
  }
}
