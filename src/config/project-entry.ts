import { z } from "zod";
import { perRole, projectAgentEntry } from "./agent-entry.js";
import {
  DEFAULT_BRANCH,
  DEFAULT_CONCURRENT_RUNS,
  DEFAULT_PIPELINE,
  DEFAULT_PREFIX,
} from "./defaults.js";
import { branch, count, filled, key, remote, text } from "./forms.js";
import {
  budgetEntry,
  gatesEntry,
  onDoneEntry,
  promptsEntry,
  protectedPathsEntry,
} from "./shared-entries.js";

const state = (name: string) =>
  filled.optional().meta({ description: "What the project calls it.", default: name });

const plane = z.strictObject({
  workspace: text("the workspace's slug", /^[A-Za-z0-9_-]+$/).describe("The workspace's slug."),
  project: z.guid("must be the project's UUID").describe("The project's UUID."),
  start: z.enum(["created", "assigned"]).optional().meta({
    description: "What starts a work item: its creation, or its assignment to `bot`.",
    default: "created",
  }),
  states: z
    .strictObject({
      "In Progress": state("In Progress"),
      "In Review": state("In Review"),
      "Needs Input": state("Needs Input"),
      Blocked: state("Blocked"),
      Done: state("Done"),
    })
    .optional()
    .describe("Our word for a state → the project's own name of it."),
});

/** One of `projects`: a repository, a project in Plane, or one with the other. */
export const projectEntry = z.strictObject({
  name: key.optional().describe("Unset: the repository's name."),
  repo: text(
    "the tracker's full name, owner/repo",
    /^[A-Za-z0-9_.][A-Za-z0-9_.-]*\/[A-Za-z0-9_.][A-Za-z0-9_.-]*$/,
  )
    .optional()
    .describe("The repository in Gitea or Forgejo. A project has this, or `plane`, or both."),
  remote: remote
    .optional()
    .describe("What git fetches from and pushes to. Unset: `<GITEA_URL>/<repo>.git`."),
  baseBranch: branch.optional().meta({
    description: "What items' branches start from and are merged into.",
    default: DEFAULT_BRANCH,
  }),
  plane: plane.optional().describe("Where the issues live, if that is Plane."),
  prefix: text("1 to 10 capital letters or digits, a letter first", /^[A-Z][A-Z0-9]{0,9}$/)
    .optional()
    .meta({
      description: "Of work items' ids: `ET` makes `ET-001`. One for each project.",
      default: DEFAULT_PREFIX,
    }),
  pipeline: key.optional().meta({
    description: "`full`, `direct` or one of `pipelines`.",
    default: DEFAULT_PIPELINE,
  }),
  maxConcurrentRuns: count.optional().meta({
    description: "Agents at once in this repository.",
    default: DEFAULT_CONCURRENT_RUNS,
  }),
  gates: gatesEntry.optional().describe("As `gates`, for this project; the rest is the fleet's."),
  agents: perRole(projectAgentEntry)
    .optional()
    .describe(
      "As `agents`, without `maxConcurrent`. What a project says, of `default` too, goes before what the fleet says.",
    ),
  budget: budgetEntry
    .optional()
    .describe(
      "As `budget`. Its own `perItem` takes the place of the fleet's; `perDay` counts this project, and the fleet's day counts it too.",
    ),
  protectedPaths: protectedPathsEntry
    .optional()
    .describe("As `protectedPaths`, and added to the fleet's."),
  prompts: promptsEntry
    .optional()
    .describe("As `prompts`. What isn't there is looked for in the fleet's folder."),
  onDone: onDoneEntry.optional().describe("As `onDone`, for this project."),
});
export type ProjectEntry = z.output<typeof projectEntry>;
