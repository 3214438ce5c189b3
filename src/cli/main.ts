#!/usr/bin/env node
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { demo } from "./demo.js";
import { start } from "./start.js";
import { EXIT_USAGE } from "./wiring/configure.js";
import { runReceiverProcess } from "./wiring/receiver-process.js";
import { runWorkerProcess } from "./wiring/worker-process.js";
import { WORKER_KINDS, type WorkerKind } from "./wiring/workers.js";

const CONFIG = "--config <file>";
const CONFIG_HELP = "the fleet's file (default: $STAGECOACH_CONFIG, else stagecoach.yaml)";

function program(): Command {
  const root = new Command("stagecoach")
    .description("Carries issues from assignment to done.")
    .exitOverride()
    .showHelpAfterError();
  root
    .command("start")
    .description("run the receiver and all workers in one process")
    .option(CONFIG, CONFIG_HELP)
    .addHelpText("after", "\nExample: stagecoach start --config fleet.yaml")
    .action((options: { config?: string }) => start(options));
  root
    .command("receiver")
    .description("run the receiver and the operators' pages")
    .option(CONFIG, CONFIG_HELP)
    .addHelpText("after", "\nExample: REDIS_URL=redis://127.0.0.1 stagecoach receiver")
    .action(({ config }: { config?: string }) => runReceiverProcess({ configPath: config }));
  root
    .command("worker")
    .description("run one kind of worker; start more to scale out")
    .addArgument(new Argument("<kind>").choices(WORKER_KINDS))
    .option(CONFIG, CONFIG_HELP)
    .addOption(
      new Option("--concurrency <n>", "jobs at once of each of its queues").argParser(atLeastOne),
    )
    .addHelpText("after", "\nExample: stagecoach worker agent --concurrency 2")
    .action((kind: WorkerKind, options: { config?: string; concurrency?: number }) =>
      runWorkerProcess(kind, { configPath: options.config, concurrency: options.concurrency }),
    );
  root
    .command("demo")
    .description("watch three issues travel through all seven stages, on this machine alone")
    .option("--exit", "end when all is done, instead of keeping the board up")
    .option("--json", "print events as JSON lines")
    .addHelpText("after", "\nExample: stagecoach demo --exit")
    .action((options: { exit?: boolean; json?: boolean }) => demo(options));
  return root;
}

function atLeastOne(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError("It must be a whole number of at least 1.");
  }
  return value;
}

try {
  await program().parseAsync();
} catch (error) {
  // Commander has printed what is wrong; asking for help isn't wrong.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
