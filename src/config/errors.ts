/** Configuration that can't be used. Lists everything wrong at once; the CLI prints it and exits 2. */
export class ConfigError extends Error {
  readonly code = "config-invalid";
  /** One line each: `<variable or path>: <what is wrong and how to mend it>`. Never holds a secret. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration can't be used:\n${problems.map((line) => `  - ${line}`).join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}
