import type { Verdict } from "../domain/verdict.js";
import type { GateContext } from "./gate.js";
import { verdictOf } from "./ruling.js";
import { statedRuling } from "./stated-verdict.js";

/** Passes when the test report of this round says `verdict: PASS`. */
export async function testsPassed(context: GateContext): Promise<Verdict> {
  const expectation = { role: "tester", passes: "PASS", refuses: ["FAIL", "FAILED"] } as const;
  const ruling = await statedRuling(context.artifacts, expectation);
  return verdictOf("tests-passed", context, ruling);
}
