import type { GateName } from "../domain/pipeline.js";
import { analysisApproved } from "./analysis-approved.js";
import { architectureDone } from "./architecture-done.js";
import { ciGreen } from "./ci-green.js";
import { deploySucceeded } from "./deploy-succeeded.js";
import type { Gate } from "./gate.js";
import { reviewApproved } from "./review-approved.js";
import { reviewerVerdict } from "./reviewer-verdict.js";
import { verdictOf } from "./ruling.js";
import { testsLocal } from "./tests-local.js";
import { testsPassed } from "./tests-passed.js";

const GATES_BY_NAME: Readonly<Record<GateName, Gate>> = {
  "analysis-approved": analysisApproved,
  "architecture-done": architectureDone,
  "tests-local": testsLocal,
  "ci-green": ciGreen,
  "reviewer-verdict": reviewerVerdict,
  "review-approved": reviewApproved,
  "tests-passed": testsPassed,
  "deploy-succeeded": deploySucceeded,
};

/** Undefined: no gate has this name; `unknownGate` stands in for it. */
export function gateNamed(name: string): Gate | undefined {
  return Object.hasOwn(GATES_BY_NAME, name) ? GATES_BY_NAME[name as GateName] : undefined;
}

/** An item may have been stored under a gate that config no longer knows: it never passes. */
export function unknownGate(name: string): Gate {
  return async (context) =>
    verdictOf(name, context, {
      passed: false,
      reason: `There is no gate named "${name}"; correct the pipeline in the fleet's configuration.`,
    });
}
