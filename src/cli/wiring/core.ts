import type { Config } from "../../config/load.js";
import type { OutboxDeps } from "../../engine/outbox.js";
import type { Logger } from "../../telemetry/logger.js";
import type { Store } from "./store.js";

/** What every part of the engine needs. */
export function coreOf(config: Config, store: Store, log: Logger): OutboxDeps {
  const { items, graph, slots, flows, notifications, budgets } = store;
  return {
    fleet: config.fleet,
    items,
    graph,
    slots,
    flows,
    notifications,
    budgets,
    log,
    clock: () => Date.now(),
  };
}
