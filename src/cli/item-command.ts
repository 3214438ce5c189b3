import { userInfo } from "node:os";
import type { Command } from "../intake/commands.js";
import { operate } from "../intake/operate.js";
import { type ActOptions, actCommand } from "./act-command.js";
import { NotFoundError, plain } from "./look-command.js";

/** A command about one item, as its approvers give it in a comment. */
export function itemCommand(
  name: string,
  item: string,
  command: Command,
  options: ActOptions,
): Promise<never> {
  return actCommand(name, options, async ({ core }) => {
    const operator = { name: userInfo().username, via: "the command line" };
    const outcome = await operate(core, item, command, operator);
    if (outcome === null)
      throw new NotFoundError(`work item ${item}`, "`stagecoach status` counts them");
    if (outcome.kind === "refused") throw new RefusedError(plain(outcome.text));
    return options.json ? JSON.stringify({ item, ...outcome }) : plain(outcome.text);
  });
}

/** The item stands where this changes nothing. */
class RefusedError extends Error {
  readonly code = "refused";

  constructor(reason: string) {
    super(reason);
    this.name = "RefusedError";
  }
}
