import { Command, Option } from "commander";

export interface Options {
  readonly quick: boolean;
  readonly only?: readonly string[];
  readonly redis?: "native" | "wasm";
  readonly json: boolean;
  readonly write: boolean;
  readonly profile?: string;
}

/** @param cases by their names */
export function benchCommand(cases: readonly string[]): Command {
  return new Command("bench")
    .description(
      "Measures what docs and README claim, as ratios against something in the same run or as figures, with their spread. Exits 1 where a goal is missed.",
    )
    .option("--quick", "fewer rounds", false)
    .addOption(new Option("--only <case...>", "these alone").choices(cases))
    .addOption(
      new Option("--redis <kind>", "else whichever a fleet of its own would start").choices([
        "native",
        "wasm",
      ]),
    )
    .option("--json", "the results as JSON", false)
    .addOption(
      // The README's table is one run of all cases, or it isn't what it says it is.
      new Option("--write", "put the table into the README; not with --quick or --only")
        .default(false)
        .conflicts(["quick", "only"]),
    )
    .option("--profile <folder>", "write a CPU profile of each program that is started there");
}
