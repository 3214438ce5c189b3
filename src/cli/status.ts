import { readProcessEnvironment } from "../config/variables.js";
import { statusJson, statusText } from "./status-text.js";
import { configure } from "./wiring/configure.js";
import { readStatus } from "./wiring/fleet-status.js";
import { asProcess, within } from "./wiring/lifecycle.js";
import { lookAtFleet } from "./wiring/look.js";

/** Health checks ask this: with its start it answers within five seconds, whatever Redis does. */
const PATIENCE_MS = 4_000;

interface StatusOptions {
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
}

/** `stagecoach status`: where the fleet's items stand and what its queues hold. */
export function status({ config: configPath, json = false }: StatusOptions): Promise<never> {
  const { config } = configure("status", { configPath, needs: "intake", quiet: true });
  return asProcess(async () => {
    const shown = (async () => {
      const look = await lookAtFleet(config);
      const found = await readStatus(look);
      console.log(json ? statusJson(found) : statusText(found, hasColours()));
      await look.close();
    })();
    if (!(await within(PATIENCE_MS, shown))) throw new NoAnswerError();
  });
}

function hasColours(): boolean {
  return process.stdout.isTTY === true && !readProcessEnvironment().NO_COLOR;
}

class NoAnswerError extends Error {
  readonly code = "no-answer";

  constructor() {
    super(`Redis did not answer within ${PATIENCE_MS / 1_000} s; look whether it is overloaded`);
    this.name = "NoAnswerError";
  }
}
