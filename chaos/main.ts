import { HELP, type Options, readOptions } from "./options.js";
import { type Played, playRound } from "./round.js";
import { recoveredText, verdictText } from "./verdict.js";
import { killChildren } from "./world/children.js";

const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

const say = (line: string) => process.stderr.write(`${line}\n`);
const asked = readOptions(process.argv.slice(2));
if (asked.kind === "help") console.log(HELP);
else if (asked.kind === "refused") {
  say(`${asked.why}\n\n${HELP}`);
  process.exitCode = EXIT_USAGE;
} else await play(asked.options);

async function play(options: Options): Promise<void> {
  const { seed, minutes, keep } = options;
  const stop = new AbortController();
  process.once("exit", killChildren);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => (stop.signal.aborted ? process.exit(EXIT_INTERRUPTED) : stop.abort()));
  }
  console.log(`seed ${seed}, ${minutes} minutes`);
  try {
    const played = await playRound(options, stop.signal, say);
    if (stop.signal.aborted) process.exitCode = EXIT_INTERRUPTED;
    else report(options, played);
    if (keep) console.log(`logs: ${played.folder}`);
  } catch (error) {
    process.exitCode = stop.signal.aborted ? EXIT_INTERRUPTED : EXIT_USAGE;
    if (!stop.signal.aborted) say(error instanceof Error ? (error.stack ?? "") : String(error));
  }
}

function report({ seed, minutes }: Options, { snapshot, broken, faults, unclean }: Played): void {
  console.log(verdictText(snapshot, broken));
  console.log(recoveredText(snapshot));
  for (const line of unclean) console.log(`UNCLEAN: ${line}`);
  if (broken.length === 0 && unclean.length === 0) return;
  console.log(`Faults that were played:\n${faults.map((line) => `  ${line}`).join("\n")}`);
  console.log(`Again: npm run chaos -- --seed ${seed} --minutes ${minutes}`);
  process.exitCode = 1;
}
