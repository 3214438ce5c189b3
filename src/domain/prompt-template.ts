import { ROLES } from "./stage.js";

/** Names of a prompt folder's files, without `.md`: one a role, and the frame around each. */
export const PROMPT_NAMES = ["frame", ...ROLES] as const;
export type PromptName = (typeof PROMPT_NAMES)[number];

/** What a template may name as `{{variable}}`. */
export const PROMPT_VARIABLES = [
  "item",
  "stage",
  "role",
  "branch",
  "artifacts",
  "task",
  "cause",
  "documents",
  "verdicts",
  "earlier",
] as const;
export type PromptValues = Readonly<Record<(typeof PROMPT_VARIABLES)[number], string>>;
/** Where the frame takes the role's own template in. */
const INSTRUCTIONS = "instructions";

const VARIABLE = /\{\{([^{}]*)\}\}/g;

/** Why a template can't be used, a sentence each; none: it can. */
export function templateProblems(name: PromptName, template: string): readonly string[] {
  const known: readonly string[] =
    name === "frame" ? [...PROMPT_VARIABLES, INSTRUCTIONS] : PROMPT_VARIABLES;
  const named = new Set(
    [...template.matchAll(VARIABLE)].map(([, variable = ""]) => variable.trim()),
  );
  const unknown = [...named].filter((variable) => !known.includes(variable));
  return [
    ...unknown.map((variable) => `names the unknown {{${variable}}}; known: ${known.join(", ")}`),
    ...(name === "frame" && !named.has(INSTRUCTIONS)
      ? [`lacks {{${INSTRUCTIONS}}}, where the role's own template stands`]
      : []),
  ];
}

/** The role's template, filled, in the frame. What a value holds is never looked at again. */
export function fillPrompt(frame: string, role: string, values: PromptValues): string {
  const instructions = fill(role, values).trim();
  return `${fill(frame, { ...values, [INSTRUCTIONS]: instructions }).trim()}\n`;
}

function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(VARIABLE, (whole, written: string) => {
    const name = written.trim();
    return Object.hasOwn(values, name) ? (values[name] ?? whole) : whole;
  });
}
