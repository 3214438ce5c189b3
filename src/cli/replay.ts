import { createReplayQueue } from "../queue/producers.js";
import { type Replayed, replay as replayDelivery } from "../webhooks/replay.js";
import { lookCommand } from "./look-command.js";

export interface ReplayOptions {
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
}

/** `stagecoach replay`: takes a delivery of the log in again. */
export function replay(delivery: string, { config, json = false }: ReplayOptions): Promise<never> {
  return lookCommand("replay", config, async ({ deliveries, queues }, fleet) => {
    const deps = { ledger: deliveries, queue: createReplayQueue(queues), fleet };
    const outcome = await replayDelivery(deps, delivery);
    if (outcome.kind !== "queued") throw new NotReplayedError(delivery, outcome);
    return json ? JSON.stringify(outcome) : `${delivery} is queued again as job ${outcome.job}`;
  });
}

class NotReplayedError extends Error {
  readonly code = "not-replayed";

  constructor(delivery: string, outcome: Exclude<Replayed, { kind: "queued" }>) {
    super(`${delivery} is not replayed: ${reasonOf(outcome)}`);
    this.name = "NotReplayedError";
  }
}

function reasonOf(outcome: Exclude<Replayed, { kind: "queued" }>): string {
  switch (outcome.kind) {
    case "unknown":
      return "no delivery of this id is in the log; the tracker's page of the webhook names them, with `gitea:` or `plane:` before";
    case "gone":
      return "its body and its job have passed their age (retention.bodies, retention.deliveries); let the tracker send it again";
    case "ignored":
      return `there is nothing to do (${outcome.reason})`;
  }
}
