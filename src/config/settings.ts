import type { Budget, BudgetLimit } from "../domain/budget.js";
import { DEFAULT_LIMITS, DEFAULT_PARSER_MODEL, DEFAULT_RETENTION } from "./defaults.js";
import type { FleetFile } from "./fleet-file.js";

/** What entries need beyond the fleet itself. */
export interface Settings {
  /** `auto` is decided: `anthropic` only with a key. */
  readonly parser: "anthropic" | "rules";
  /** A key of the fleet's models. */
  readonly parserModel: string;
  /** The whole fleet's. */
  readonly budget: Budget;
  /** By project's name, only those that set their own; what they leave out is the fleet's. */
  readonly projectBudgets: Readonly<Record<string, Budget>>;
  readonly retention: {
    readonly deliveriesMs: number;
    /** Completed jobs: as long as deliveries, since a known id is what keeps either from coming twice. */
    readonly jobsMs: number;
    readonly bodiesMs: number;
    readonly doneItemsMs: number;
    /** How long the checkout of an unfinished item is kept unused. */
    readonly checkoutsMs: number;
  };
  /** Null: as long as the agents' own time limit. */
  readonly drainMinutes: number | null;
  /** Largest webhook body taken, in bytes. */
  readonly maxBodyBytes: number;
  /** Most that a receiver spools while Redis is away, in bytes. */
  readonly maxSpoolBytes: number;
  /** Most that one run may add to its branch, in bytes. */
  readonly maxRunBytes: number;
  /** With less than this free on a worker's disk no run starts there, in bytes; 0: whatever is free. */
  readonly freeDiskBytes: number;
}

/** An effect may be carried out again for so long after its job completed, in ms. */
const JOBS_AT_LEAST_MS = 60_000;

/** @param hasKey is there a key for the model API? */
export function resolveSettings(file: FleetFile, hasKey: boolean, names: readonly string[]) {
  const fleetBudget = toBudget(file.budget, { perItem: null, perDay: null });
  const projectBudgets: Record<string, Budget> = {};
  file.projects.forEach((project, index) => {
    const name = names[index];
    if (project.budget !== undefined && name !== undefined) {
      projectBudgets[name] = toBudget(project.budget, fleetBudget);
    }
  });
  const { retention = {}, limits = {} } = file;
  const deliveriesMs = milliseconds(retention.deliveries ?? DEFAULT_RETENTION.deliveries);
  return {
    parser: file.parser !== "rules" && hasKey ? "anthropic" : "rules",
    parserModel: file.parserModel ?? DEFAULT_PARSER_MODEL,
    budget: fleetBudget,
    projectBudgets,
    retention: {
      deliveriesMs,
      jobsMs: Math.max(deliveriesMs, JOBS_AT_LEAST_MS),
      bodiesMs: milliseconds(retention.bodies ?? DEFAULT_RETENTION.bodies),
      doneItemsMs: milliseconds(retention.doneItems ?? DEFAULT_RETENTION.doneItems),
      checkoutsMs: milliseconds(retention.checkouts ?? DEFAULT_RETENTION.checkouts),
    },
    drainMinutes: file.drainMinutes ?? null,
    maxBodyBytes: limits.bodyBytes ?? DEFAULT_LIMITS.bodyBytes,
    maxSpoolBytes: limits.spoolBytes ?? DEFAULT_LIMITS.spoolBytes,
    maxRunBytes: limits.runBytes ?? DEFAULT_LIMITS.runBytes,
    freeDiskBytes: limits.freeDiskBytes ?? DEFAULT_LIMITS.freeDiskBytes,
  } satisfies Settings as Settings;
}

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** `7d` → 604800000. The schema let only such texts through. */
function milliseconds(text: string): number {
  const unit = text.slice(-1) as keyof typeof UNIT_MS;
  return Math.round(Number(text.slice(0, -1)) * UNIT_MS[unit]);
}

function toBudget(entry: FleetFile["budget"], otherwise: Budget): Budget {
  return {
    perItem: entry?.perItem === undefined ? otherwise.perItem : toLimit(entry.perItem),
    perDay: entry?.perDay === undefined ? otherwise.perDay : toLimit(entry.perDay),
  };
}

function toLimit(entry: { usd?: number | undefined; tokens?: number | undefined }): BudgetLimit {
  return entry.usd === undefined
    ? { unit: "tokens", amount: entry.tokens ?? 0 }
    : { unit: "usd", amount: entry.usd };
}
