import type { Verdict } from "../domain/verdict.js";
import type { CommandResult, GateContext } from "./gate.js";
import { MOST_EVIDENCE, type Ruling, tail, verdictOf } from "./ruling.js";

/** Passes when the configured test command exits 0 in a fresh checkout of the commit. */
export async function testsLocal(context: GateContext): Promise<Verdict> {
  return verdictOf("tests-local", context, await ruling(context));
}

async function ruling({ project, runCommand }: GateContext): Promise<Ruling> {
  const { command, timeoutMinutes } = project.gates["tests-local"];
  if (command.length === 0) {
    const reason = "No test command is configured: set gates.tests-local.command.";
    return { passed: false, reason, misconfigured: true };
  }
  const result = await runCommand(command, timeoutMinutes);
  if (result.unstartable !== null) {
    const reason = `\`${command.join(" ")}\` can't be started: ${result.unstartable}.`;
    return { passed: false, reason, misconfigured: true };
  }
  const passed = result.exitCode === 0 && !result.timedOut;
  const written = command.join(" ");
  return {
    passed,
    reason: `\`${written}\` ${ending(result, timeoutMinutes)}.`,
    evidence: evidenceOf(written, result),
  };
}

function ending({ exitCode, timedOut }: CommandResult, timeoutMinutes: number): string {
  if (timedOut) return `did not end within ${timeoutMinutes} minutes`;
  if (exitCode === null) return "was stopped before it ended";
  return exitCode === 0 ? "passed" : `failed with exit code ${exitCode}`;
}

function evidenceOf(command: string, { exitCode, tail: output }: CommandResult): string {
  const facts = `$ ${command.slice(0, 500)}\nexit code: ${exitCode ?? "none, it was stopped"}\n`;
  return facts + tail(output, MOST_EVIDENCE - Buffer.byteLength(facts));
}
