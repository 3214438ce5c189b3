import { z } from "zod";
import { GATES } from "../domain/pipeline.js";
import { ROLES, STAGES, type WorkStage } from "../domain/stage.js";
import { VARIABLES } from "./variables.js";

/** What `stagecoach.yaml` may say. Shapes and single values only; `resolve-fleet` checks what needs two of them. */

const WORK_STAGES = STAGES.filter((stage): stage is WorkStage => stage !== "done");
/** An agent may see a model's key and address, no other variable of ours. */
const HIDDEN = VARIABLES.filter((name) => !name.startsWith("ANTHROPIC_"));

const minutes = z
  .number()
  .positive()
  .max(7 * 24 * 60)
  .describe("Minutes; fractions are fine.");
const count = z.int().min(1).max(10_000);
const duration = z
  .string()
  .regex(/^\d+(\.\d+)?[smhdw]$/, "must be a duration such as 90d, 24h, 30m or 45s");
const command = z
  .array(z.string().min(1))
  .min(1)
  .describe("Program and arguments; no shell reads it.");
const glob = z.string().min(1);
const prompts = z
  .string()
  .min(1)
  .describe("Folder of templates, <role>.md and frame.md; the built-in serve where one is absent.");
const key = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, "must be letters, digits, `_`, `.` or `-`");

const gates = z.strictObject({
  "tests-local": z
    .strictObject({ command: command.optional(), timeoutMinutes: minutes.optional() })
    .optional(),
  "ci-green": z
    .strictObject({
      contexts: z
        .array(z.string().min(1))
        .describe("Commit status contexts that must all be success on the branch head."),
    })
    .optional(),
});

const agent = z.strictObject({
  runner: z.enum(["command", "claude-code", "anthropic", "scripted"]).optional(),
  command: command.optional(),
  script: z.string().min(1).optional().describe("Folder the scripted runner plays from."),
  timeoutMinutes: minutes.optional(),
  silentMinutes: minutes.optional().describe("Minutes without output after which a run is ended."),
  env: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be the name of a variable")
        .refine(
          (name) => !HIDDEN.some((hidden) => name === hidden || name === `${hidden}_FILE`),
          "is Stagecoach's own and never reaches an agent",
        ),
    )
    .optional()
    .describe("Names of variables the agent may see."),
  sandbox: z.enum(["auto", "bubblewrap", "none"]).optional(),
  user: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_-]{0,31}$/, "must be the name of a user of this machine")
    .optional(),
  model: key
    .optional()
    .describe("A key of models, or `assigned`: what the issue's text recommends."),
  maxConcurrent: count.optional().describe("Runs at once across the fleet."),
});
const projectAgent = agent.omit({ maxConcurrent: true });

function perRole<T extends z.ZodType>(schema: T) {
  const roles = Object.fromEntries(ROLES.map((role) => [role, schema.optional()])) as Record<
    (typeof ROLES)[number],
    z.ZodOptional<T>
  >;
  return z.strictObject({ default: schema.optional(), ...roles });
}

const limit = z
  .strictObject({ usd: z.number().positive().optional(), tokens: z.int().positive().optional() })
  .refine(
    (value) => (value.usd === undefined) !== (value.tokens === undefined),
    "must give either usd or tokens",
  );
const budget = z.strictObject({ perItem: limit.optional(), perDay: limit.optional() });
const onDone = z.strictObject({
  merge: z.boolean().optional(),
  closeIssue: z.boolean().optional(),
});

const plane = z.strictObject({
  workspace: z.string().regex(/^[A-Za-z0-9_-]+$/, "must be the workspace's slug"),
  project: z.guid("must be the project's UUID"),
  start: z.enum(["created", "assigned"]).optional(),
  states: z
    .strictObject({
      "In Progress": z.string().min(1).optional(),
      "In Review": z.string().min(1).optional(),
      "Needs Input": z.string().min(1).optional(),
      Blocked: z.string().min(1).optional(),
      Done: z.string().min(1).optional(),
    })
    .optional()
    .describe("Our word for a state → the project's own name of it."),
});

const project = z.strictObject({
  name: key.optional().describe("Default: the repository's name."),
  repo: z
    .string()
    .regex(
      /^[A-Za-z0-9_.][A-Za-z0-9_.-]*\/[A-Za-z0-9_.][A-Za-z0-9_.-]*$/,
      "must be the tracker's full name, owner/repo",
    )
    .optional(),
  remote: z
    .string()
    .refine(isRemote, "must be http(s)://, ssh://, git@host:path or an absolute path, no password")
    .optional()
    .describe("Default: <GITEA_URL>/<repo>.git"),
  baseBranch: z.string().refine(isBranch, "is not a safe branch name").optional(),
  plane: plane.optional(),
  prefix: z
    .string()
    .regex(/^[A-Z][A-Z0-9]{0,9}$/, "must be 1 to 10 capital letters or digits, a letter first")
    .optional()
    .describe("Of work item ids: ET makes ET-001. Unique among projects."),
  pipeline: key.optional().describe("full, direct or one of pipelines."),
  maxConcurrentRuns: count.optional(),
  gates: gates.optional(),
  agents: perRole(projectAgent).optional(),
  budget: budget.optional(),
  protectedPaths: z.array(glob).optional(),
  prompts: prompts.optional(),
  onDone: onDone.optional(),
});

const step = z.strictObject({
  stage: z.enum(WORK_STAGES),
  agent: z.enum(ROLES).optional(),
  gate: z.enum(GATES).optional(),
});

const model = z.strictObject({
  id: z.string().min(1).optional(),
  provider: key.optional().describe("Whose quota it shares. Default: the default agent's runner."),
  usdPerMillionInput: z.number().min(0).optional(),
  usdPerMillionOutput: z.number().min(0).optional(),
});

export const fleetFileSchema = z.strictObject({
  bot: z.string().min(1).describe("Gitea login whose assignment starts work."),
  approvers: z
    .array(z.string().min(1))
    .optional()
    .describe("Gitea logins, Plane e-mails or user ids."),
  parser: z.enum(["auto", "anthropic", "rules"]).optional(),
  parserModel: key.optional().describe("A key of models."),
  projects: z.array(project).min(1, "must name at least one project"),
  pipelines: z.record(key, z.array(step).min(1)).optional(),
  gates: gates.optional(),
  agents: perRole(agent).optional(),
  models: z.record(key, model).optional(),
  limits: z
    .strictObject({
      developerRuns: count.optional(),
      bodyBytes: z
        .int()
        .min(1024)
        .max(64 * 1024 * 1024)
        .optional()
        .describe("Largest webhook body taken."),
      spoolBytes: z
        .int()
        .min(1024)
        .optional()
        .describe("Most that a receiver keeps of webhooks while Redis is away, in bytes."),
      runBytes: z.int().min(1024).optional().describe("Most that one run may add, in bytes."),
      freeDiskBytes: z
        .int()
        .min(0)
        .optional()
        .describe("With less than this free on a worker's disk, in bytes, no run starts there."),
    })
    .optional(),
  budget: budget.optional(),
  dependencies: z.strictObject({ metBy: z.enum(["done", "merged"]).optional() }).optional(),
  onDone: onDone.optional(),
  prompts: prompts.optional(),
  protectedPaths: z.array(glob).optional().describe("Globs no run may touch, beside the built-in."),
  retention: z
    .strictObject({
      deliveries: duration.optional(),
      bodies: duration.optional(),
      doneItems: duration.optional(),
      checkouts: duration.optional().describe("Of items that aren't finished, unused."),
    })
    .optional(),
  drainMinutes: minutes
    .optional()
    .describe("How long a stopping worker lets agents finish. Default: their time limit."),
});

export type FleetFile = z.output<typeof fleetFileSchema>;
export type ProjectEntry = FleetFile["projects"][number];
export type AgentEntry = z.output<typeof agent>;
export type BudgetEntry = z.output<typeof budget>;

/** Git must never be given another transport, an option in disguise, or a password. */
function isRemote(text: string): boolean {
  if (/[\s\p{Cc}\p{Cf}]/u.test(text)) return false;
  if (text.startsWith("/")) return !text.split("/").includes("..");
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:(?![-/]*-)[^:]+$/.test(text)) {
    return true;
  }
  if (!/^(https?|ssh):\/\//.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  const userOk = url.protocol === "ssh:" ? !url.username.startsWith("-") : url.username === "";
  return userOk && url.password === "" && url.hostname !== "" && !url.hostname.startsWith("-");
}

function isBranch(text: string): boolean {
  return (
    /^[A-Za-z0-9_][A-Za-z0-9_./+-]{0,199}$/.test(text) &&
    !/\.\.|\/\/|\/\.|[/.]$|\.lock(\/|$)/.test(text)
  );
}
