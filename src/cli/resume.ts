import { admit } from "../engine/admission.js";
import { type ActOptions, actCommand } from "./act-command.js";

export interface ResumeOptions extends ActOptions {
  /** Lifts the pause that this provider's limit brought, instead of an operator's. */
  readonly provider?: string | undefined;
}

/** `stagecoach resume`: agents start again. */
export function resume(options: ResumeOptions): Promise<never> {
  return actCommand("resume", options, async ({ store, core }) => {
    const { provider } = options;
    if (provider === undefined) {
      await store.queues.get("runs").resume();
      return options.json ? JSON.stringify({ runs: "resumed" }) : "Agents start again.";
    }
    const lifted = await store.slots.resume(provider);
    await admit(core);
    if (options.json) return JSON.stringify({ provider, lifted });
    return lifted ? `${provider} is used again.` : `${provider} was not paused.`;
  });
}
