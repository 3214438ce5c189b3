import type { Command } from "commander";

/** The help of a command as it is printed, with what follows the options. */
export function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

/** The arguments of the example in a command's help, without variables and `stagecoach`. */
export function exampleOf(command: Command): readonly string[] {
  const [, example] = /^Example: (?:[A-Z_]+=\S+ )*stagecoach (.+)$/m.exec(helpOf(command)) ?? [];
  return example?.split(" ") ?? [];
}

export function takesConfig(command: Command): boolean {
  return command.options.some(({ long }) => long === "--config");
}
