import { explain } from "../engine/why.js";
import { lookCommand, NotFoundError, plain } from "./look-command.js";

export interface WhyOptions {
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
}

/** `stagecoach why`: why an item isn't moving, and what would move it. */
export function why(id: string, { config, json = false }: WhyOptions): Promise<never> {
  return lookCommand("why", config, async ({ items }) => {
    const found = await explain(items, id);
    if (found === null)
      throw new NotFoundError(`work item ${id}`, "`stagecoach status` counts them");
    if (json) return JSON.stringify(found);
    return [found.summary, ...found.release.map((step) => `- ${step}`)].map(plain).join("\n");
  });
}
