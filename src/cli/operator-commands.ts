import { type Command, InvalidArgumentError } from "commander";
import type { ActOptions } from "./act-command.js";
import { CONFIG, CONFIG_HELP } from "./config-option.js";
import type { ResumeOptions } from "./resume.js";
import type { RetryOptions } from "./retry.js";

const ITEM_HELP = "its id, as ET-001";
const JSON_HELP = "print one line of JSON";

/** The commands by which operators move items and hold the fleet. */
export function addOperatorCommands(root: Command): void {
  root
    .command("approve")
    .description("approve an item's analysis, or let its gate look again, as `/approve` does")
    .argument("<item>", ITEM_HELP)
    .argument("[commit]", "the commit that is approved (default: the one asked for)", commit)
    .option(CONFIG, CONFIG_HELP)
    .option("--json", JSON_HELP)
    .addHelpText("after", "\nExample: stagecoach approve ET-001 4f2a9c1")
    .action(async (item: string, sha: string | undefined, options: ActOptions) => {
      const { approve } = await import("./approve.js");
      await approve(item, sha ?? null, options);
    });
  root
    .command("retry")
    .description("let an item go on from a failure or a block, as `/retry` does")
    .argument("<item>", ITEM_HELP)
    .option(CONFIG, CONFIG_HELP)
    .option("--protected", "and change the protected paths that its last run failed for")
    .option("--json", JSON_HELP)
    .addHelpText("after", "\nExample: stagecoach retry ET-001")
    .action(async (item: string, options: RetryOptions) => {
      const { retry } = await import("./retry.js");
      await retry(item, options);
    });
  root
    .command("cancel")
    .description("end an item and stop its agent, as `/cancel` does")
    .argument("<item>", ITEM_HELP)
    .option(CONFIG, CONFIG_HELP)
    .option("--json", JSON_HELP)
    .addHelpText("after", "\nExample: stagecoach cancel ET-001")
    .action(async (item: string, options: ActOptions) => {
      const { cancel } = await import("./cancel.js");
      await cancel(item, options);
    });
  addHolds(root);
}

function addHolds(root: Command): void {
  root
    .command("pause")
    .description("let no further agent start; those at work finish")
    .option(CONFIG, CONFIG_HELP)
    .option("--json", JSON_HELP)
    .addHelpText("after", "\nExample: stagecoach pause")
    .action(async (options: ActOptions) => {
      const { pause } = await import("./pause.js");
      await pause(options);
    });
  root
    .command("resume")
    .description("let agents start again, or use a provider again before its pause ends")
    .option(CONFIG, CONFIG_HELP)
    .option("--provider <name>", "whose limit is over, as in models.<key>.provider")
    .option("--json", JSON_HELP)
    .addHelpText("after", "\nExample: stagecoach resume --provider anthropic")
    .action(async (options: ResumeOptions) => {
      const { resume } = await import("./resume.js");
      await resume(options);
    });
}

function commit(text: string): string {
  if (!/^[0-9a-f]{7,64}$/i.test(text)) {
    throw new InvalidArgumentError("It must be a commit: 7 to 64 hexadecimal digits.");
  }
  return text.toLowerCase();
}
