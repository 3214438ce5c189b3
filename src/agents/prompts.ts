import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  fillPrompt,
  PROMPT_NAMES,
  type PromptName,
  type PromptValues,
  templateProblems,
} from "../domain/prompt-template.js";
import type { Role, WorkStage } from "../domain/stage.js";
import { visibleText } from "../domain/visible-text.js";
import type { HistoryEntry, RunCause } from "../domain/work-item.js";
import { fenced } from "./untrusted.js";

export interface PromptInput {
  readonly item: string;
  readonly stage: WorkStage;
  readonly role: Role;
  readonly branch: string;
  /** Folder of the item's artifacts, relative to the worktree. */
  readonly artifacts: string;
  /** Title, body and link of the issue, as people wrote them. */
  readonly task: string;
  readonly cause: RunCause | null;
  /** Which of how many runs this is; null: the role has no cap. */
  readonly attempt: { readonly number: number; readonly of: number } | null;
  /** What stands in the folder of artifacts, relative to it. */
  readonly documents: readonly string[];
  /** The item's history, oldest first, of which the gates' verdicts are told. */
  readonly history: readonly Verdict[];
  /** Artifacts as they stood before they were taken out: name → text. */
  readonly takenOut: Readonly<Record<string, string>>;
}

type Verdict = Pick<HistoryEntry, "kind" | "gate" | "passed" | "reason" | "evidence" | "commit">;

export interface Prompts {
  render(input: PromptInput): string;
}

/** A role's rounds are capped, so older verdicts are of work that was done since. */
const VERDICTS_TOLD = 8;
const EVIDENCE_TOLD = 1_500;
const DOCUMENTS_TOLD = 200;

/**
 * Reads `frame.md` and one Markdown template a role, each from the first of `folders` that has it.
 * @throws Error when a file is in none, or names a variable nobody fills
 */
export async function loadPrompts(folders: readonly string[]): Promise<Prompts> {
  const entries: [PromptName, string][] = [];
  // One by one, so that of several problems it is always the same that is told.
  for (const name of PROMPT_NAMES) entries.push([name, await readFirst(folders, name)]);
  const templates = Object.fromEntries(entries) as Record<PromptName, string>;
  return { render: (input) => fillPrompt(templates.frame, templates[input.role], valuesOf(input)) };
}

async function readFirst(folders: readonly string[], name: PromptName): Promise<string> {
  for (const folder of folders) {
    const path = join(folder, `${name}.md`);
    const text = await readIfThere(path);
    if (text === null) continue;
    const [problem] = templateProblems(name, text);
    if (problem !== undefined) throw new Error(`${path} ${problem}`);
    return text;
  }
  throw new Error(`there is no ${name}.md in ${folders.join(", ")}`);
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function valuesOf(input: PromptInput): PromptValues {
  return {
    item: input.item,
    stage: input.stage,
    role: input.role,
    branch: input.branch,
    artifacts: input.artifacts,
    task: fenced("Task, as written in the issue tracker", input.task),
    cause: causeText(input),
    documents: documentsText(input),
    verdicts: verdictsText(input.history),
    earlier: earlierText(input.takenOut),
  };
}

function causeText({ cause, attempt }: PromptInput): string {
  const count = attempt === null ? "" : ` This is attempt ${attempt.number}/${attempt.of}.`;
  if (cause === null || cause.kind === "entered") {
    return `This stage has just begun.${count}`;
  }
  const parts = [`${HEADINGS[cause.kind]}${count}`, fenced("Reason", cause.reason)];
  if (cause.artifact !== null) parts.push(`It comes from \`${oneLine(cause.artifact)}\`.`);
  if (cause.detail.trim() !== "") parts.push(fenced("Details", cause.detail));
  return parts.join("\n\n");
}

const HEADINGS: Readonly<Record<Exclude<RunCause["kind"], "entered">, string>> = {
  "gate-failed": "You run again because the gate did not pass.",
  rejected: "You run again because a person rejected the result.",
  answered: "You run again because a person answered the questions.",
  retried: "You run again because a person asked for another try.",
  "rolled-back": "You run again because a later stage sent the work back.",
};

function documentsText({ documents, artifacts }: PromptInput): string {
  if (documents.length === 0) return "There are none yet.";
  const names = documents.slice(0, DOCUMENTS_TOLD).map(oneLine);
  const more = documents.length - names.length;
  const rest = more > 0 ? [`and ${more} more`] : [];
  return fenced(`Files in \`${artifacts}\``, [...names, ...rest].join("\n"));
}

function verdictsText(history: readonly Verdict[]): string {
  const told = history.filter(({ kind }) => kind === "verdict").slice(-VERDICTS_TOLD);
  if (told.length === 0) return "No gate has been looked at yet.";
  const last = told.length - 1;
  const texts = told.map((verdict, index) => verdictText(verdict, index === last));
  return fenced("What the gates said, the latest last", texts.join("\n\n"));
}

/** The evidence of the latest says what to mend; an older one's has been mended, or stands there again. */
function verdictText(verdict: Verdict, isLatest: boolean): string {
  const { gate, passed, reason, evidence, commit } = verdict;
  const at = commit === null ? "" : ` at ${commit.slice(0, 12)}`;
  const head = `${gate ?? "gate"}${at}: ${passed ? "passed" : "not passed"}. ${oneLine(reason)}`;
  const tail = evidence.trim().slice(-EVIDENCE_TOLD);
  return isLatest && passed !== true && tail !== "" ? `${head}\n${tail}` : head;
}

function earlierText(takenOut: PromptInput["takenOut"]): string {
  const files = Object.entries(takenOut);
  if (files.length === 0) return "There are none.";
  return files.map(([name, text]) => fenced(`\`${oneLine(name)}\``, text)).join("\n\n");
}

function oneLine(text: string): string {
  return visibleText(text).replace(/[\s`]+/g, " ");
}
