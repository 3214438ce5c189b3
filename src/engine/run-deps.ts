import type { AgentSettings, Project } from "../domain/fleet.js";
import type { RunRecord } from "../domain/run.js";
import type { Role } from "../domain/stage.js";
import type { Cause } from "../domain/transition.js";
import type { HistoryEntry, WorkItem } from "../domain/work-item.js";
import type { OutboxDeps } from "./outbox.js";
import type { OwnershipDeps } from "./ownership.js";
import type { Runners } from "./runner.js";
import type { Workspace } from "./workspace.js";

export interface PromptRequest {
  readonly role: Role;
  readonly item: WorkItem;
  readonly project: Project;
  readonly task: string;
  readonly takenOut: Readonly<Record<string, string>>;
  /** Files in the item's folder of artifacts, relative to it. */
  readonly documents: readonly string[];
  /** The item's, oldest first. */
  readonly history: readonly HistoryEntry[];
  /** Which run of this role this is, from 1. */
  readonly round: number;
  readonly developerRunCap: number;
}

export interface RunDeps extends OutboxDeps, OwnershipDeps {
  readonly workspace: Workspace;
  readonly runners: Runners;
  readonly renderPrompt: (request: PromptRequest) => string;
  /** Takes a run's output; masks and caps it. */
  readonly openLog: (run: string) => RunLog;
  /** Masks secrets in what an agent, or what it met, says of a run's end; the text may be cut. */
  readonly mask: (text: string) => string;
  /** How long to wait after so many transient endings in a row, in ms; default: with full jitter. */
  readonly transientDelay?: (inARow: number) => number;
}

export interface RunLog {
  write(chunk: string): void;
  close(): Promise<void>;
}

/** A run that was taken on. */
export interface Assignment {
  readonly item: WorkItem;
  readonly run: RunRecord;
  readonly project: Project;
  readonly settings: AgentSettings;
}

export function causeNow(deps: Pick<RunDeps, "clock">, id: string, text: string): Cause {
  return { id, text, at: new Date(deps.clock()).toISOString() };
}
