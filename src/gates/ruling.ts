import type { Verdict } from "../domain/verdict.js";
import type { GateContext } from "./gate.js";

/** Bytes of evidence and of findings kept in an item's history. */
export const MOST_EVIDENCE = 4_096;

/** How a gate answers: its name and the commit are added, and everything long is cut. */
export interface Ruling {
  readonly passed: boolean;
  /** One sentence a person can read. */
  readonly reason: string;
  readonly evidence?: string;
  readonly pending?: boolean;
  readonly misconfigured?: boolean;
  readonly findings?: { readonly artifact: string; readonly text: string };
}

export function verdictOf(gate: string, { commit }: GateContext, ruling: Ruling): Verdict {
  const { passed, reason, evidence = "", pending, misconfigured, findings } = ruling;
  return {
    gate,
    passed,
    reason,
    evidence: head(evidence),
    commit,
    ...(pending === true && { pending }),
    ...(misconfigured === true && { misconfigured }),
    ...(findings && { findings: { ...findings, text: head(findings.text) } }),
  };
}

const CUT = "\n… (cut)";

/** The beginning of a text, at most as many bytes as evidence may have, whole characters only. */
export function head(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MOST_EVIDENCE) return text;
  const room = MOST_EVIDENCE - Buffer.byteLength(CUT);
  return (
    bytes
      .subarray(0, room)
      .toString()
      .replace(/\uFFFD{1,3}$/, "") + CUT
  );
}

/** The end of a text, likewise: where a command says what went wrong. */
export function tail(text: string, bytes: number): string {
  const all = Buffer.from(text);
  if (all.length <= bytes) return text;
  return all
    .subarray(all.length - bytes)
    .toString()
    .replace(/^\uFFFD+/, "");
}
