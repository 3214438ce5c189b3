import type { Verdict } from "../domain/verdict.js";
import type { GateContext } from "./gate.js";
import { verdictOf } from "./ruling.js";
import { statedRuling } from "./stated-verdict.js";

/** Passes when this round's deploy report says `verdict: SUCCESS`, or when nobody is there to deploy. */
export async function deploySucceeded(context: GateContext): Promise<Verdict> {
  if (context.project.agents.deployer === undefined) {
    const reason = "No deployer is configured.";
    return verdictOf("deploy-succeeded", context, { passed: true, reason });
  }
  const expectation = {
    role: "deployer",
    passes: "SUCCESS",
    refuses: ["FAILURE", "FAILED", "FAIL"],
  } as const;
  const ruling = await statedRuling(context.artifacts, expectation);
  return verdictOf("deploy-succeeded", context, ruling);
}
