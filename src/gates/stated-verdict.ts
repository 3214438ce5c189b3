import { VERDICT_FILES } from "../domain/artifacts.js";
import type { Role } from "../domain/stage.js";
import { readStatedVerdict } from "../domain/verdict.js";
import type { Artifacts } from "./gate.js";
import type { Ruling } from "./ruling.js";

/** What a role's verdict file must say, in upper case. */
export interface Expectation {
  readonly role: Role;
  readonly passes: string;
  /** Words that are a proper "no": the file's text becomes the findings. */
  readonly refuses: readonly string[];
}

/** Rules by the first of the role's verdict files that counts. */
export async function statedRuling(
  artifacts: Artifacts,
  expectation: Expectation,
): Promise<Ruling> {
  const names = VERDICT_FILES[expectation.role] ?? [];
  const older: string[] = [];
  for (const name of names) {
    const text = await artifacts.read(name);
    if (text === null) continue;
    if (await artifacts.counts(name)) return judged(name, text, expectation);
    older.push(name);
  }
  return { passed: false, reason: absence(names, older, expectation.role) };
}

function judged(name: string, text: string, { passes, refuses }: Expectation): Ruling {
  const stated = readStatedVerdict(text);
  if (stated.kind === "unreadable") {
    const reason = `The verdict of ${name} can't be read: ${stated.reason}.`;
    return { passed: false, reason, evidence: text };
  }
  const says = `${name} says \`verdict: ${stated.word}\``;
  if (stated.word === passes) return { passed: true, reason: `${says}.`, evidence: text };
  if (refuses.includes(stated.word)) {
    const findings = { artifact: name, text };
    return { passed: false, reason: `${says}.`, evidence: text, findings };
  }
  return { passed: false, reason: `${says}, not ${passes}.`, evidence: text };
}

function absence(names: readonly string[], older: readonly string[], role: Role): string {
  return older.length > 0
    ? `${older.join(" and ")} is from an earlier round: this round's ${role} has not written it.`
    : `There is no ${names.join(" or ")}.`;
}
