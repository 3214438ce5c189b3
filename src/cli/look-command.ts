import { readProcessEnvironment } from "../config/variables.js";
import type { Fleet } from "../domain/fleet.js";
import { readableLog } from "../engine/run-logs.js";
import { configure } from "./wiring/configure.js";
import { asProcess, within } from "./wiring/lifecycle.js";
import { type Look, lookAtFleet } from "./wiring/look.js";

/** Health checks ask `status`: with its start it answers within five seconds, whatever Redis does. */
const PATIENCE_MS = 4_000;

/** A command that looks at a running fleet and prints what it sees; 1 if the fleet can't be reached. */
export function lookCommand(
  name: string,
  configPath: string | undefined,
  see: (look: Look, fleet: Fleet) => Promise<string>,
): Promise<never> {
  const { config } = configure(name, { configPath, needs: "intake", quiet: true });
  return asProcess(async () => {
    const shown = (async () => {
      const look = await lookAtFleet(config);
      try {
        console.log(await see(look, config.fleet));
      } finally {
        await look.close();
      }
    })();
    if (!(await within(PATIENCE_MS, shown))) throw new NoAnswerError();
  });
}

/** What others wrote, on one line, and without what a terminal obeys. */
export function plain(text: string): string {
  return readableLog(text).replace(/\s+/g, " ").trim();
}

/** Only on a terminal, unless its user wants none (https://no-color.org). */
export function hasColours(): boolean {
  return process.stdout.isTTY === true && !readProcessEnvironment().NO_COLOR;
}

export class NotFoundError extends Error {
  readonly code = "not-found";

  constructor(what: string, mend: string) {
    super(`There is no ${what}; ${mend}`);
    this.name = "NotFoundError";
  }
}

class NoAnswerError extends Error {
  readonly code = "no-answer";

  constructor() {
    super(`Redis did not answer within ${PATIENCE_MS / 1_000} s; look whether it is overloaded`);
    this.name = "NoAnswerError";
  }
}
