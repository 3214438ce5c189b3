import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ROLES, type Role, type WorkStage } from "../domain/stage.js";
import type { RunCause } from "../domain/work-item.js";
import { fenced, visibleText } from "./untrusted.js";

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
  /** Artifacts as they stood before they were taken out: name → text. */
  readonly takenOut: Readonly<Record<string, string>>;
}

export interface Prompts {
  render(input: PromptInput): string;
}

/**
 * Reads one Markdown template a role from `folder`, and `frame.md`, which is around each.
 * @throws Error when a file is missing or a template names a variable nobody fills
 */
export async function loadPrompts(folder: string): Promise<Prompts> {
  const read = (name: string) => readFile(join(folder, `${name}.md`), "utf8");
  const frame = await read("frame");
  const entries = ROLES.map(async (role) => [role, await read(role)] as const);
  const templates = Object.fromEntries(await Promise.all(entries)) as Record<Role, string>;
  const render: Prompts["render"] = (input) => {
    const values = valuesOf(input);
    const role = substitute(templates[input.role], values).trim();
    return `${substitute(frame, { ...values, instructions: role }).trim()}\n`;
  };
  for (const role of ROLES) render({ ...SAMPLE, role });
  return { render };
}

/** Proves at start that each template can be filled. */
const SAMPLE: Omit<PromptInput, "role"> = {
  item: "ET-001",
  stage: "development",
  branch: "feature/ET-001",
  artifacts: "docs/work-items/ET-001",
  task: "",
  cause: null,
  attempt: null,
  takenOut: {},
};

/** Fills `{{name}}` once: what a value holds is never looked at again. */
export function substitute(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{\s*([^{}]*?)\s*\}\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new Error(`a prompt template names the unknown {{${name}}}`);
    return value;
  });
}

function valuesOf(input: PromptInput): Record<string, string> {
  return {
    item: input.item,
    stage: input.stage,
    role: input.role,
    branch: input.branch,
    artifacts: input.artifacts,
    task: fenced("Task, as written in the issue tracker", input.task),
    cause: causeText(input),
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

function earlierText(takenOut: PromptInput["takenOut"]): string {
  const files = Object.entries(takenOut);
  if (files.length === 0) return "There are none.";
  return files.map(([name, text]) => fenced(`\`${oneLine(name)}\``, text)).join("\n\n");
}

function oneLine(text: string): string {
  return visibleText(text).replace(/[\s`]+/g, " ");
}
