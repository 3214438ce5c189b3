import type { Verdict } from "../domain/verdict.js";
import type { GateContext } from "./gate.js";
import { verdictOf } from "./ruling.js";
import { statedRuling } from "./stated-verdict.js";

/** Passes when the review of this round says `verdict: APPROVED`; a change request is the findings. */
export async function reviewerVerdict(context: GateContext): Promise<Verdict> {
  const expectation = {
    role: "reviewer",
    passes: "APPROVED",
    refuses: ["REQUEST_CHANGES", "CHANGES_REQUESTED"],
  } as const;
  const ruling = await statedRuling(context.artifacts, expectation);
  return verdictOf("reviewer-verdict", context, ruling);
}
