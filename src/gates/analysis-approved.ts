import { ANALYSIS_ARTIFACTS, QUESTIONS } from "../domain/artifacts.js";
import { shortSha, type Verdict } from "../domain/verdict.js";
import type { Artifacts, GateContext } from "./gate.js";
import { type Ruling, verdictOf } from "./ruling.js";

/**
 * Passes when the four artifacts of the analysis exist, none empty, and a person approved this very
 * commit. Complete and unapproved is pending; so are the analyst's questions, which are the findings.
 */
export async function analysisApproved(context: GateContext): Promise<Verdict> {
  return verdictOf("analysis-approved", context, await ruling(context));
}

async function ruling(context: GateContext): Promise<Ruling> {
  const missing = await missingArtifacts(context.artifacts);
  return missing.length === 0 ? approval(context) : incomplete(context.artifacts, missing);
}

async function missingArtifacts(artifacts: Artifacts): Promise<string[]> {
  const texts = await Promise.all(ANALYSIS_ARTIFACTS.map((name) => artifacts.read(name)));
  return ANALYSIS_ARTIFACTS.filter((_, index) => (texts[index] ?? "").trim() === "");
}

/** Complete artifacts come first: questions beside them don't hold up the approval. */
function approval({ item, commit }: GateContext): Ruling {
  const evidence = `complete: ${ANALYSIS_ARTIFACTS.join(", ")}`;
  const given = item.approval;
  if (given?.commit === commit) {
    return { passed: true, reason: `${given.by} approved ${shortSha(commit)}.`, evidence };
  }
  const reason =
    given === null
      ? `The artifacts are complete; an approval of ${shortSha(commit)} is awaited.`
      : `${given.by} approved ${shortSha(given.commit)}, but the branch is at ${shortSha(commit)}: an approval of that is awaited.`;
  return { passed: false, pending: true, reason, evidence };
}

async function incomplete(artifacts: Artifacts, missing: readonly string[]): Promise<Ruling> {
  const evidence = `missing or empty: ${missing.join(", ")}`;
  const questions = (await artifacts.counts(QUESTIONS)) ? await artifacts.read(QUESTIONS) : null;
  if (questions !== null && questions.trim() !== "") {
    return {
      passed: false,
      pending: true,
      reason: "The analyst has questions that need an answer.",
      evidence,
      findings: { artifact: QUESTIONS, text: questions },
    };
  }
  return { passed: false, reason: `Missing or empty: ${missing.join(", ")}.`, evidence };
}
