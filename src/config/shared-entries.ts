import { z } from "zod";
import { DEFAULT_GATES } from "./defaults.js";
import { command, filled, minutes } from "./forms.js";

/** What both the fleet and one of its projects may say. */

export const gatesEntry = z.strictObject({
  "tests-local": z
    .strictObject({
      command: command.optional().meta({
        description:
          "Program and arguments, run in a fresh checkout of the branch; exit code 0 passes.",
        default: DEFAULT_GATES.testCommand,
      }),
      timeoutMinutes: minutes.optional().meta({
        description: "Minutes after which the tests count as failed.",
        default: DEFAULT_GATES.testTimeoutMinutes,
      }),
    })
    .optional(),
  "ci-green": z
    .strictObject({
      contexts: z
        .array(filled)
        .describe(
          "Commit status contexts, or workflows by their file's name, that must all be success on the branch's head.",
        ),
    })
    .optional()
    .describe("For pipelines with the gate `ci-green`."),
});

const limit = z
  .strictObject({
    usd: z.number().positive().optional().describe("US dollars; this or `tokens`."),
    tokens: z
      .int()
      .positive()
      .optional()
      .describe("Tokens, read and written ones together; this or `usd`."),
  })
  .refine(
    (value) => (value.usd === undefined) !== (value.tokens === undefined),
    "must give either usd or tokens",
  );

export const budgetEntry = z.strictObject({
  perItem: limit.optional().describe("Of one item over its whole life; unset: no limit."),
  perDay: limit
    .optional()
    .describe("Of all items on a UTC day, in a project of its own items; unset: no limit."),
});

export const onDoneEntry = z.strictObject({
  merge: z.boolean().optional().meta({
    description: "Merge the item's pull request, at the commit that passed its gates.",
    default: false,
  }),
  closeIssue: z.boolean().optional().meta({ description: "Close its issue.", default: false }),
});

export const promptsEntry = filled;
export const protectedPathsEntry = z.array(filled);
