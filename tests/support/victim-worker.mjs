/**
 * A worker process of every kind, wired as the real ones are, that kills itself (SIGKILL) at the
 * first of some points: `[{"call": "items.transition", "when": "after", "what": "done"}]`.
 *
 * `call` names a method of a port; `when` is before or after it; `what` is a kind of transition for
 * `items.transition` and `items.create`, else a text among the call's arguments.
 */
import { startAgent } from "../../dist/src/cli/wiring/agent.js";
import { coreOf } from "../../dist/src/cli/wiring/core.js";
import {
  agentDeps,
  notifierDeps,
  stageDeps,
  workerContext,
} from "../../dist/src/cli/wiring/fleet.js";
import { startNotifier } from "../../dist/src/cli/wiring/notifier.js";
import { startParser } from "../../dist/src/cli/wiring/parser.js";
import { startStage } from "../../dist/src/cli/wiring/stage.js";
import { openStore } from "../../dist/src/cli/wiring/store.js";
import { connectOutside } from "../../dist/src/cli/wiring/trackers.js";
import { loadConfig } from "../../dist/src/config/load.js";
import { admit } from "../../dist/src/engine/admission.js";
import { OVERDUE_MS, sweepOutbox } from "../../dist/src/engine/outbox.js";
import { createLogger } from "../../dist/src/telemetry/logger.js";

const { points, takeover } = JSON.parse(process.argv[2]);

const moved = (transition) => transition.history.find(({ kind }) => kind === "transition");
/** Kinds of transitions, told by what they write. */
const KINDS = {
  started: ({ history }) => history.some(({ kind }) => kind === "started"),
  "run started": ({ item, history }) => item.run?.ending === null && history.length === 0,
  "run ended": ({ history }) => history.some(({ kind }) => kind === "run"),
  verdict: ({ history }) => history.some(({ kind }) => kind === "verdict"),
  advance: (transition) =>
    moved(transition)?.from === "development" && moved(transition)?.to === "review",
  rollback: (transition) =>
    moved(transition)?.from === "review" && transition.item.status === "waiting",
  "ask-approval": ({ item, history }) =>
    item.status === "awaiting-approval" && history.length === 0,
  approval: ({ history }) => history.some(({ kind }) => kind === "command"),
  capped: ({ item, history }) => item.status === "blocked" && history.length > 0,
  done: (transition) => moved(transition)?.to === "done",
  cancel: (transition) => transition.item.status === "cancelled" && moved(transition) !== undefined,
};

async function die() {
  process.kill(process.pid, "SIGKILL");
  await new Promise(() => {});
}

const isOf = ({ what }, transition) => transition !== null && KINDS[what](transition);

/** The kill before a write happens where the change is decided and nothing is sent yet. */
const TRANSITIONS = {
  transition: (items, point) => async (id, change, seen) => {
    const written = await items.transition(
      id,
      (item) => {
        const decided = change(item);
        const hit = point.when === "before" && isOf(point, decided);
        if (hit) process.kill(process.pid, "SIGKILL");
        return decided;
      },
      seen,
    );
    if (isOf(point, written)) await die();
    return written;
  },
  create: (items, point) => async (transition, task) => {
    const hit = isOf(point, transition);
    if (hit && point.when === "before") await die();
    const created = await items.create(transition, task);
    if (hit) await die();
    return created;
  },
};

function lethal(port, object) {
  if (object === null) return null;
  const deadly = { ...object };
  for (const point of points) {
    const [name, method] = point.call.split(".");
    if (name !== port) continue;
    if (typeof deadly[method] !== "function") throw new Error(`there is no ${point.call}`);
    const kill = (port === "items" ? TRANSITIONS[method] : undefined) ?? lethalCall(method);
    deadly[method] = kill({ ...deadly }, point);
  }
  return deadly;
}

function lethalCall(method) {
  return (object, { when, what }) =>
    async (...given) => {
      const hit = what === undefined || JSON.stringify(given).includes(what);
      if (hit && when === "before") await die();
      const result = await object[method](...given);
      if (hit) await die();
      return result;
    };
}

/** A checkout dies around its push. */
function lethalWorkspace(workspace) {
  return {
    ...workspace,
    open: async (request) => lethal("checkout", await workspace.open(request)),
  };
}

const env = process.env;
const config = loadConfig({ env, cwd: process.cwd() });
const log = createLogger({ level: "error", pretty: false });
const real = await openStore(config, config.environment.redisUrl, log, { role: "worker" });
const store = {
  ...real,
  items: lethal("items", real.items),
  graph: lethal("graph", real.graph),
  slots: lethal("slots", real.slots),
  flows: lethal("flows", real.flows),
  notifications: lethal("notifications", real.notifications),
};
const reached = connectOutside(config.environment, config.fleet);
const outside = {
  ...reached,
  tracker: (name) => lethal("tracker", reached.tracker(name)),
  forgeOf: (project) => lethal("forge", reached.forgeOf(project)),
};
const parts = { config, env, store, outside, log, heartbeatMs: 100 };
const context = { ...workerContext(parts), takeover };
const agents = await agentDeps(parts);
const core = coreOf(config, store, log);
await startParser(context, { config, store, outside, core });
startStage(context, stageDeps(parts));
startAgent(context, { ...agents, workspace: lethalWorkspace(agents.workspace) });
startNotifier(context, notifierDeps(parts, null));
// What the maintenance job does every 15 s.
await sweepOutbox({ ...core, clock: () => Date.now() + OVERDUE_MS });
await admit(core);
