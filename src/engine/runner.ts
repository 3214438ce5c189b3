import type { AgentSettings, Model } from "../domain/fleet.js";
import type { RunnerEnding } from "../domain/run.js";
import type { Role, WorkStage } from "../domain/stage.js";

/** All an agent is told; nothing in it is secret. */
export interface RunContext {
  readonly item: string;
  readonly stage: WorkStage;
  readonly role: Role;
  readonly branch: string;
  readonly run: string;
  readonly attempt: number;
  /** Which run of this role this is for the item, from 1. */
  readonly round: number;
  /** Key in config's models and, if config knows it, the model itself. */
  readonly modelKey: string;
  readonly model: Model | null;
  /** Folder of the item's artifacts, relative to the worktree. */
  readonly artifacts: string;
  readonly prompt: string;
  /** Absolute path of the worktree. */
  readonly worktree: string;
  /** Absolute paths of folders from which git in the worktree reads objects. */
  readonly borrows: readonly string[];
  /** Absolute path of a folder private to this run: HOME, TMPDIR, prompt and result files. */
  readonly privatePath: string;
  readonly settings: AgentSettings;
  /** Takes the agent's output as it comes; the caller masks and caps it. */
  readonly log: (chunk: string) => void;
}

/** Runs one agent to its end. Never throws for what an agent does; stops soon after `signal` aborts. */
export type Runner = (context: RunContext, signal: AbortSignal) => Promise<RunnerEnding>;

/** By `settings.runner`; config only lets through what is here. */
export type Runners = Readonly<Partial<Record<AgentSettings["runner"], Runner>>>;
