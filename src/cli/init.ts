import { writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parse } from "yaml";
import { ConfigError } from "../config/errors.js";
import { fleetFileSchema } from "../config/fleet-file.js";
import { describeIssues } from "../config/issues.js";
import { knownKeys } from "../config/json-schema.js";
import { DEFAULT_CONFIG_FILE } from "../config/load.js";
import { readProcessEnvironment } from "../config/variables.js";
import { detectRepository } from "./init/detect.js";
import { fleetFileText, type InitRunner } from "./init/fleet-file-text.js";
import { nextSteps, stepsText } from "./init/next-steps.js";
import { asProcess } from "./wiring/lifecycle.js";
import { packageRoot } from "./wiring/package-root.js";

export interface InitOptions {
  readonly repo?: string | undefined;
  readonly bot: string;
  readonly prefix: string;
  readonly approver: readonly string[];
  readonly runner: InitRunner;
  readonly file: string;
  readonly force?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** `stagecoach init`: writes a fleet file for a repository; asks nothing. */
export function init(options: InitOptions): Promise<never> {
  return asProcess(async () => {
    const detected = await detectRepository(readProcessEnvironment());
    const repo = options.repo ?? detected.repo;
    if (repo === null) throw new ConfigError([NO_REPO]);
    const path = resolve(options.file);
    const text = fleetFileText({
      repo,
      // Of another repository than the one around us nothing is known.
      baseBranch: (repo === detected.repo ? detected.baseBranch : null) ?? "main",
      bot: options.bot,
      prefix: options.prefix,
      approvers: options.approver,
      runner: options.runner,
      schema: schemaFrom(dirname(path)),
    });
    refuseProblems(text);
    write(path, text, options.force === true);
    const named = options.file === DEFAULT_CONFIG_FILE ? null : options.file;
    const steps = nextSteps(detected.forge, options.runner, named);
    console.log(
      options.json
        ? JSON.stringify({ file: path, repo, ...steps })
        : `${path} is written, for ${repo}.\n${stepsText(steps)}`,
    );
  });
}

const NO_REPO =
  "--repo: is missing; the current folder has no git remote `origin` that names one (owner/name)";

function schemaFrom(folder: string): string {
  const way = relative(folder, join(packageRoot(), "stagecoach.schema.json"));
  return way.startsWith(".") ? way : `./${way}`;
}

/** @throws ConfigError for names that no fleet file may hold */
function refuseProblems(text: string): void {
  const { error } = fleetFileSchema.safeParse(parse(text));
  if (error !== undefined) throw new ConfigError(describeIssues(error.issues, knownKeys()));
}

function write(path: string, text: string, force: boolean): void {
  try {
    writeFileSync(path, text, { flag: force ? "w" : "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new FileThereError(path);
  }
}

class FileThereError extends Error {
  readonly code = "file-there";

  constructor(path: string) {
    super(`${path} is there already; --force overwrites it, --file names another`);
    this.name = "FileThereError";
  }
}
