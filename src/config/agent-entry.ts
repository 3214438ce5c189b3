import { z } from "zod";
import { ROLES } from "../domain/stage.js";
import { DEFAULT_AGENT } from "./defaults.js";
import { command, count, filled, key, minutes, text } from "./forms.js";
import { VARIABLES } from "./variables.js";

/** An agent may see a model's key and address, no other variable of ours. */
const HIDDEN = VARIABLES.filter((name) => !name.startsWith("ANTHROPIC_"));

const variable = text("the name of a variable", /^[A-Za-z_][A-Za-z0-9_]*$/).refine(
  (name) => !HIDDEN.some((hidden) => name === hidden || name === `${hidden}_FILE`),
  "is Stagecoach's own and never reaches an agent",
);

/** How a role's work is done, as `agents.<role>` says it. */
export const agentEntry = z.strictObject({
  runner: z.enum(["command", "claude-code", "anthropic", "scripted"]).optional().meta({
    description:
      "`command`: a program of yours. `claude-code`: the Claude Code CLI. `anthropic`: a model with tools, through the Messages API; needs `ANTHROPIC_API_KEY`. `scripted`: plays files, for demos and tests.",
    default: DEFAULT_AGENT.runner,
  }),
  command: command.optional().meta({
    description:
      "Program and arguments; no shell reads them. Needed by `command`; `./…` is looked for beside the file. For `claude-code` another executable than `claude`, and further arguments.",
  }),
  script: filled
    .optional()
    .describe("Folder the `scripted` runner plays from, relative to the file."),
  timeoutMinutes: minutes.optional().meta({
    description: "Minutes after which a run is ended.",
    default: DEFAULT_AGENT.timeoutMinutes,
  }),
  silentMinutes: minutes.optional().meta({
    description: "Minutes without output after which a run is ended.",
    default: DEFAULT_AGENT.silentMinutes,
  }),
  env: z.array(variable).optional().meta({
    description:
      "Names of variables the agent may see. Values of those called `…_KEY`, `…_TOKEN` and the like are masked in logs and never pushed. Of Stagecoach's own only `ANTHROPIC_…` may be named.",
    default: DEFAULT_AGENT.env,
  }),
  sandbox: z.enum(["auto", "bubblewrap", "none"]).optional().meta({
    description:
      "`auto`: in a sandbox where bubblewrap works. `bubblewrap`: refuse to start without. See docs/security.md.",
    default: DEFAULT_AGENT.sandbox,
  }),
  user: text("the name of a user of this machine", /^[A-Za-z_][A-Za-z0-9_-]{0,31}$/)
    .optional()
    .describe("Run as this user of the machine, for which the worker must be root. Not `root`."),
  model: key.optional().meta({
    description: "A key of `models`, or `assigned`: what the issue's text recommends.",
    default: DEFAULT_AGENT.model,
  }),
  maxConcurrent: count
    .optional()
    .describe("Runs of this role at once, across the fleet; unset: no limit of its own."),
});

/** The same in a project; what counts across the fleet can't be a project's. */
export const projectAgentEntry = agentEntry.omit({ maxConcurrent: true });

export type AgentEntry = z.output<typeof agentEntry>;

/** One entry for a role each, and `default` for what they don't say. */
export function perRole<T extends z.ZodType>(schema: T) {
  const roles = Object.fromEntries(ROLES.map((role) => [role, schema.optional()])) as Record<
    (typeof ROLES)[number],
    z.ZodOptional<T>
  >;
  return z.strictObject({ default: schema.optional(), ...roles });
}
