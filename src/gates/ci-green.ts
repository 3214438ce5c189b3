import type { Verdict } from "../domain/verdict.js";
import type { CheckState } from "../engine/tracker.js";
import type { GateContext } from "./gate.js";
import { type Ruling, verdictOf } from "./ruling.js";

/**
 * Passes when every configured context, or workflow by its file's name, is success on the commit. One the forge hasn't heard of
 * yet is pending, as CI may not have begun; one failure is enough to fail.
 */
export async function ciGreen(context: GateContext): Promise<Verdict> {
  return verdictOf("ci-green", context, await ciRuling(context));
}

export async function ciRuling({
  project,
  forge,
  commit,
}: Pick<GateContext, "project" | "forge" | "commit">): Promise<Ruling> {
  const { contexts } = project.gates["ci-green"];
  if (contexts.length === 0) {
    return { passed: false, reason: "No CI context is configured: set gates.ci-green.contexts." };
  }
  if (forge === null || project.repo === null) {
    return { passed: false, reason: "The project has no forge, so there is no CI to ask." };
  }
  const states = await forge.checks(project.repo, commit);
  return judged(contexts.map((name) => [name, states.get(name) ?? "pending"]));
}

function judged(states: readonly (readonly [name: string, state: CheckState])[]): Ruling {
  const evidence = states.map(([name, state]) => `${name}: ${state}`).join("\n");
  const named = (wanted: CheckState) =>
    states.flatMap(([name, state]) => (state === wanted ? [name] : [])).join(", ");
  const failed = named("failure");
  if (failed !== "") return { passed: false, reason: `CI failed: ${failed}.`, evidence };
  const pending = named("pending");
  return pending === ""
    ? { passed: true, reason: "CI is green.", evidence }
    : { passed: false, pending: true, reason: `CI is not done: ${pending}.`, evidence };
}
