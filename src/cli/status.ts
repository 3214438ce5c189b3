import { hasColours, lookCommand } from "./look-command.js";
import { statusJson, statusText } from "./status-text.js";
import { readStatus } from "./wiring/fleet-status.js";

interface StatusOptions {
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
}

/** `stagecoach status`: where the fleet's items stand and what its queues hold. */
export function status({ config, json = false }: StatusOptions): Promise<never> {
  return lookCommand("status", config, async (look) => {
    const found = await readStatus(look);
    return json ? statusJson(found) : statusText(found, hasColours());
  });
}
