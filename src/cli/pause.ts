import { type ActOptions, actCommand } from "./act-command.js";

/** `stagecoach pause`: no agent starts any more; those at work finish. */
export function pause(options: ActOptions): Promise<never> {
  return actCommand("pause", options, async ({ store }) => {
    await store.queues.get("runs").pause();
    return options.json
      ? JSON.stringify({ runs: "paused" })
      : "No agent starts until `stagecoach resume`; those at work finish.";
  });
}
