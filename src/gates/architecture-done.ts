import { CONFLICT } from "../domain/artifacts.js";
import type { Verdict } from "../domain/verdict.js";
import type { GateContext } from "./gate.js";
import { type Ruling, verdictOf } from "./ruling.js";

const DECISIONS = "06-adr";

/** Passes with at least one decision record and no conflict that counts; a conflict is the findings. */
export async function architectureDone(context: GateContext): Promise<Verdict> {
  return verdictOf("architecture-done", context, await ruling(context));
}

async function ruling({ artifacts }: GateContext): Promise<Ruling> {
  const conflict = (await artifacts.counts(CONFLICT)) ? await artifacts.read(CONFLICT) : null;
  if (conflict !== null) {
    const reason = `The architect found a conflict (${CONFLICT}).`;
    return {
      passed: false,
      reason,
      evidence: conflict,
      findings: { artifact: CONFLICT, text: conflict },
    };
  }
  const records = (await artifacts.list(DECISIONS)).filter(isRecord);
  return records.length === 0
    ? { passed: false, reason: `There is no decision record ${DECISIONS}/*.md.` }
    : { passed: true, reason: "The architecture is decided.", evidence: records.join("\n") };
}

/** Directly in the folder: what lies deeper belongs to a record, and isn't one. */
function isRecord(name: string): boolean {
  return /^06-adr\/[^/]+\.md$/.test(name);
}
