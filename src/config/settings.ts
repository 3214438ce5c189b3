import type { FleetFile } from "./fleet-file.js";

/** A budget is kept in one unit; the price table turns tokens into USD. */
export interface BudgetLimit {
  readonly unit: "usd" | "tokens";
  readonly amount: number;
}

/** Null: no limit. `perDay` is a UTC day. */
export interface Budget {
  readonly perItem: BudgetLimit | null;
  readonly perDay: BudgetLimit | null;
}

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
    readonly bodiesMs: number;
    readonly doneItemsMs: number;
  };
  /** Null: as long as the agents' own time limit. */
  readonly drainMinutes: number | null;
  /** Largest webhook body taken, in bytes. */
  readonly maxBodyBytes: number;
}

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
  return {
    parser: file.parser !== "rules" && hasKey ? "anthropic" : "rules",
    parserModel: file.parserModel ?? "haiku",
    budget: fleetBudget,
    projectBudgets,
    retention: {
      deliveriesMs: milliseconds(file.retention?.deliveries ?? "7d"),
      bodiesMs: milliseconds(file.retention?.bodies ?? "24h"),
      doneItemsMs: milliseconds(file.retention?.doneItems ?? "90d"),
    },
    drainMinutes: file.drainMinutes ?? null,
    maxBodyBytes: file.limits?.bodyBytes ?? 5 * 1024 * 1024,
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
