import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { CONFIG, CONFIG_HELP } from "./config-option.js";
import { addOperatorCommands } from "./operator-commands.js";
import type { PlanOptions } from "./plan.js";
import type { ReplayOptions } from "./replay.js";
import { addSetupCommands } from "./setup-commands.js";
import type { ShowOptions } from "./show.js";
import type { WhyOptions } from "./why.js";
import { WORKER_KINDS, type WorkerKind } from "./wiring/worker-kinds.js";

const MOST_AT_ONCE = 1_000;

/** All commands. The code of each is loaded when it is called: a health check needn't load the fleet. */
export function program(): Command {
  const root = new Command("stagecoach")
    .description("Carries issues from assignment to done.")
    .exitOverride()
    .showHelpAfterError()
    .addHelpText("after", "\nExample: stagecoach demo --exit");
  addProcesses(root);
  root
    .command("demo")
    .description("watch three issues travel through all seven stages, on this machine alone")
    .option("--exit", "end when all is done, instead of keeping the board up")
    .option("--json", "print events as JSON lines")
    .addHelpText("after", "\nExample: stagecoach demo --exit")
    .action(async (options: { exit?: boolean; json?: boolean }) => {
      const { demo } = await import("./demo.js");
      await demo(options);
    });
  root
    .command("status")
    .description("show where items stand and what the queues hold; fails if Redis can't be reached")
    .option(CONFIG, CONFIG_HELP)
    .option("--json", "print one line of JSON")
    .addHelpText("after", "\nExample: stagecoach status --json")
    .action(async (options: { config?: string; json?: boolean }) => {
      const { status } = await import("./status.js");
      await status(options);
    });
  root
    .command("show")
    .description("show one item with its runs and history, or what a run printed")
    .argument("<item>", "its id, as ET-001")
    .option(CONFIG, CONFIG_HELP)
    .option("--log [run]", "print the log of a run, the latest unless named")
    .option("--json", "print one line of JSON, as /api/items/<item> answers")
    .addHelpText("after", "\nExample: stagecoach show ET-001 --log")
    .action(async (item: string, options: ShowOptions) => {
      const { show } = await import("./show.js");
      await show(item, options);
    });
  root
    .command("why")
    .description("say why an item isn't moving, and what would move it")
    .argument("<item>", "its id, as ET-001")
    .option(CONFIG, CONFIG_HELP)
    .option("--json", "print one line of JSON, as /api/items/<item>/why answers")
    .addHelpText("after", "\nExample: stagecoach why ET-001")
    .action(async (item: string, options: WhyOptions) => {
      const { why } = await import("./why.js");
      await why(item, options);
    });
  root
    .command("plan")
    .description("say what would start next, and what holds the others")
    .option(CONFIG, CONFIG_HELP)
    .addOption(new Option("--limit <n>", "items shown at most").default(20).argParser(wholeNumber))
    .option("--json", "print one line of JSON")
    .addHelpText("after", "\nExample: stagecoach plan --limit 50")
    .action(async (options: PlanOptions) => {
      const { plan } = await import("./plan.js");
      await plan(options);
    });
  root
    .command("replay")
    .description("take a webhook of the log in again, as after a mended configuration")
    .argument("<delivery>", "its id, as gitea:<X-Gitea-Delivery>")
    .option(CONFIG, CONFIG_HELP)
    .option("--json", "print one line of JSON")
    .addHelpText("after", "\nExample: stagecoach replay gitea:3f0c2a44-52d0-4a0b-8f0b-0f7a4f4b5c11")
    .action(async (delivery: string, options: ReplayOptions) => {
      const { replay } = await import("./replay.js");
      await replay(delivery, options);
    });
  addOperatorCommands(root);
  addSetupCommands(root);
  return root;
}

function addProcesses(root: Command): void {
  root
    .command("start")
    .description("run the receiver and all workers in one process")
    .option(CONFIG, CONFIG_HELP)
    .addHelpText("after", "\nExample: stagecoach start --config fleet.yaml")
    .action(async (options: { config?: string }) => {
      const { start } = await import("./start.js");
      await start(options);
    });
  root
    .command("receiver")
    .description("run the receiver and the operators' pages")
    .option(CONFIG, CONFIG_HELP)
    .addHelpText("after", "\nExample: REDIS_URL=redis://127.0.0.1 stagecoach receiver")
    .action(async ({ config }: { config?: string }) => {
      const { runReceiverProcess } = await import("./wiring/receiver-process.js");
      await runReceiverProcess({ configPath: config });
    });
  root
    .command("worker")
    .description("run one kind of worker; start more to scale out")
    .addArgument(new Argument("<kind>").choices(WORKER_KINDS))
    .option(CONFIG, CONFIG_HELP)
    .addOption(
      new Option("--concurrency <n>", "jobs at once of each of its queues").argParser(wholeNumber),
    )
    .addHelpText("after", "\nExample: stagecoach worker agent --concurrency 2")
    .action(async (kind: WorkerKind, options: { config?: string; concurrency?: number }) => {
      const { runWorkerProcess } = await import("./wiring/worker-process.js");
      await runWorkerProcess(kind, {
        configPath: options.config,
        concurrency: options.concurrency,
      });
    });
}

function wholeNumber(text: string): number {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > MOST_AT_ONCE) {
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_AT_ONCE}.`);
  }
  return value;
}
