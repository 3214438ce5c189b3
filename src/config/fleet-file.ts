import { z } from "zod";
import { GATES } from "../domain/pipeline.js";
import { ROLES, STAGES, type WorkStage } from "../domain/stage.js";
import { agentEntry, perRole } from "./agent-entry.js";
import { DEFAULT_LIMITS, DEFAULT_PARSER_MODEL, DEFAULT_RETENTION } from "./defaults.js";
import { count, duration, filled, key, minutes } from "./forms.js";
import { projectEntry } from "./project-entry.js";
import {
  budgetEntry,
  gatesEntry,
  onDoneEntry,
  promptsEntry,
  protectedPathsEntry,
} from "./shared-entries.js";

/**
 * What `stagecoach.yaml` may say. Shapes and single values only; `resolve-fleet` checks what needs two
 * of them. Descriptions and defaults go to editors and into docs/configuration.md: `npm run docs`.
 */

const WORK_STAGES = STAGES.filter((stage): stage is WorkStage => stage !== "done");
const MIB = 1024 * 1024;

const step = z.strictObject({
  stage: z.enum(WORK_STAGES).describe("None twice, and in this order."),
  agent: z.enum(ROLES).optional().describe("Who works here; unset: nobody, the gate decides."),
  gate: z
    .enum(GATES)
    .optional()
    .describe("What must pass; unset: the stage passes when its run succeeds."),
});

const model = z.strictObject({
  id: filled.optional().describe("What the provider calls it; needed unless the key is built in."),
  provider: key
    .optional()
    .describe("Whose quota it shares. Unset: the built-in's, else the default agent's runner."),
  usdPerMillionInput: z
    .number()
    .min(0)
    .optional()
    .describe("USD for a million tokens it reads; needed unless the key is built in."),
  usdPerMillionOutput: z
    .number()
    .min(0)
    .optional()
    .describe("USD for a million tokens it writes; needed unless the key is built in."),
});

const limits = z.strictObject({
  developerRuns: count.optional().meta({
    description: "Developer runs of one item over its whole life.",
    default: DEFAULT_LIMITS.developerRuns,
  }),
  bodyBytes: z
    .int()
    .min(1024)
    .max(64 * MIB)
    .optional()
    .meta({ description: "Largest webhook body taken.", default: DEFAULT_LIMITS.bodyBytes }),
  spoolBytes: z.int().min(1024).optional().meta({
    description: "Most that a receiver keeps of webhooks while Redis is away.",
    default: DEFAULT_LIMITS.spoolBytes,
  }),
  runBytes: z.int().min(1024).optional().meta({
    description: "Most that the files one run adds or changes may hold together.",
    default: DEFAULT_LIMITS.runBytes,
  }),
  freeDiskBytes: z.int().min(0).optional().meta({
    description:
      "With less than this free on a worker's disk no run starts there, once unused checkouts are removed; 0: never looked at.",
    default: DEFAULT_LIMITS.freeDiskBytes,
  }),
});

const retention = z.strictObject({
  deliveries: duration.optional().meta({
    description: "How long deliveries are known and completed jobs kept.",
    default: DEFAULT_RETENTION.deliveries,
  }),
  bodies: duration.optional().meta({
    description: "How long the bodies of deliveries are kept.",
    default: DEFAULT_RETENTION.bodies,
  }),
  doneItems: duration.optional().meta({
    description:
      "How long done and cancelled items are kept with their history, runs and failed jobs; one that another item still waits for stays. That their issues were carried, and are met, stays known.",
    default: DEFAULT_RETENTION.doneItems,
  }),
  checkouts: duration.optional().meta({
    description:
      "How long a worker keeps the checkout of an unfinished item that no run uses; those of finished ones go within ten minutes.",
    default: DEFAULT_RETENTION.checkouts,
  }),
});

export const fleetFileSchema = z.strictObject({
  bot: filled.describe(
    "Whose assignment starts work: a login of Gitea or Forgejo; also a display name, e-mail or user id of Plane.",
  ),
  approvers: z.array(filled).optional().meta({
    description:
      "Who may approve and give commands: Gitea logins, Plane e-mails or user ids. While there is none no analysis passes.",
    default: [],
  }),
  parser: z.enum(["auto", "anthropic", "rules"]).optional().meta({
    description:
      "How metadata is read from an issue's text: by a model, by rules, or by a model if there is `ANTHROPIC_API_KEY`.",
    default: "auto",
  }),
  parserModel: key
    .optional()
    .meta({ description: "The parser's, a key of `models`.", default: DEFAULT_PARSER_MODEL }),
  projects: z
    .array(projectEntry)
    .min(1, "must name at least one project")
    .describe("At least one; what is said here goes before what the fleet says."),
  pipelines: z
    .record(key, z.array(step).min(1))
    .optional()
    .describe("Pipelines of your own by name, each a list of steps, beside the built-in ones."),
  gates: gatesEntry.optional().describe("What gates need to know."),
  agents: perRole(agentEntry)
    .optional()
    .describe(
      "How each role's work is done. A role takes from `default` what it doesn't say itself. A deployer works only if it stands here; without one the deploy stage passes.",
    ),
  models: z
    .record(key, model)
    .optional()
    .describe("Models by key, beside the built-in ones, of which single values may be changed."),
  limits: limits.optional().describe("Of items, runs and disks."),
  budget: budgetEntry
    .optional()
    .describe(
      "Each `{ usd: 10 }` or `{ tokens: 500000 }`; what happens at a limit: README.md#budgets.",
    ),
  dependencies: z
    .strictObject({
      metBy: z.enum(["done", "merged"]).optional().meta({
        description:
          "When a blocker counts as met: its item is done, or its pull request is merged, by whomever.",
        default: "done",
      }),
    })
    .optional()
    .describe("Of issues that wait for others."),
  onDone: onDoneEntry.optional().describe("What else happens when an item is done."),
  prompts: promptsEntry
    .optional()
    .describe(
      "Folder of templates, `<role>.md` and `frame.md`, relative to the file; the built-in serve where one is absent. See README.md#prompts.",
    ),
  protectedPaths: protectedPathsEntry
    .optional()
    .describe(
      "Globs no run may touch, beside `.gitea/**`, `.forgejo/**` and `.github/**`; one that does fails, unless an approver let it by `/retry protected`.",
    ),
  retention: retention.optional().describe("How long things are kept."),
  drainMinutes: minutes
    .optional()
    .describe("How long a stopping worker lets agents finish. Unset: the agents' time limit."),
});

export type FleetFile = z.output<typeof fleetFileSchema>;
