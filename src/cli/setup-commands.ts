import { type Command, InvalidArgumentError, Option } from "commander";
import { DEFAULT_CONFIG_FILE } from "../config/load.js";
import { CONFIG, CONFIG_HELP } from "./config-option.js";
import type { DoctorOptions } from "./doctor.js";
import type { HooksOptions } from "./hooks.js";
import { RUNNERS } from "./init/fleet-file-text.js";
import type { InitOptions } from "./init.js";
import { isReceiverUrl } from "./receiver-address.js";

const JSON_HELP = "print one line of JSON";

/** The commands that set a fleet up and look whether it is set up right. */
export function addSetupCommands(root: Command): void {
  root
    .command("init")
    .description(`write a commented ${DEFAULT_CONFIG_FILE} for a repository; asks nothing`)
    .option("--repo <owner/name>", "its full name (default: as the git remote `origin` says)")
    .option("--bot <login>", "whose assignment starts work", "stagecoach")
    .option("--prefix <prefix>", "of work item ids", "ET")
    .option("--approver <login>", "who may approve and give commands; may be repeated", collect, [])
    .addOption(
      new Option("--runner <kind>", "what runs agents").choices(RUNNERS).default("command"),
    )
    .option("--file <file>", "where it is written", DEFAULT_CONFIG_FILE)
    .option("--force", "overwrite the file if it is there")
    .option("--json", JSON_HELP)
    .addHelpText("after", "\nExample: stagecoach init --repo acme/rocket --approver alice")
    .action(async (options: InitOptions) => {
      const { init } = await import("./init.js");
      await init(options);
    });
  root
    .command("hooks")
    .description("make, mend and renew Gitea's webhooks of every project with a repo")
    .requiredOption("--url <url>", "where trackers reach the receiver", receiverUrl)
    .option(CONFIG, CONFIG_HELP)
    .option("--dry-run", "say what would be done and do nothing")
    .option("--rotate", "give each the first secret of GITEA_WEBHOOK_SECRET, by a new webhook")
    .option("--json", JSON_HELP)
    .addHelpText("after", "\nExample: stagecoach hooks --url https://fleet.example.org --dry-run")
    .action(async (options: HooksOptions) => {
      const { hooks } = await import("./hooks.js");
      await hooks(options);
    });
  root
    .command("doctor")
    .description("look whether everything is set up right, and say how to mend what isn't")
    .option(CONFIG, CONFIG_HELP)
    .option("--url <url>", "where webhooks should lead (default: any receiver)", receiverUrl)
    .option("--json", JSON_HELP)
    .addHelpText("after", "\nExample: stagecoach doctor --url https://fleet.example.org")
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import("./doctor.js");
      await doctor(options);
    });
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function receiverUrl(text: string): string {
  if (isReceiverUrl(text)) return text;
  throw new InvalidArgumentError(
    "It must be an http:// or https:// address without password, query and fragment.",
  );
}
