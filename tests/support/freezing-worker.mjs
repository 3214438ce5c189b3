/**
 * An agent worker's process, wired as the real one is, that stops itself (SIGSTOP) at a point and
 * goes on from exactly there when it is continued: `before push`, `after push`.
 */
import { startAgent } from "../../dist/src/cli/wiring/agent.js";
import { agentDeps, workerContext } from "../../dist/src/cli/wiring/fleet.js";
import { openStore } from "../../dist/src/cli/wiring/store.js";
import { connectOutside } from "../../dist/src/cli/wiring/trackers.js";
import { loadConfig } from "../../dist/src/config/load.js";
import { createLogger } from "../../dist/src/telemetry/logger.js";

const point = process.argv[2];
/** Its jobs are taken over soon. */
const takeover = { lockDuration: 3_000, lockRenewTime: 1_000, stalledInterval: 1_000 };

function freezeAt(here) {
  if (here !== point) return;
  process.stdout.write("frozen\n");
  process.kill(process.pid, "SIGSTOP");
}

function freezing(workspace) {
  return {
    ...workspace,
    async open(request) {
      const checkout = await workspace.open(request);
      return {
        ...checkout,
        async push(message) {
          freezeAt("before push");
          const pushed = await checkout.push(message);
          freezeAt("after push");
          return pushed;
        },
      };
    },
  };
}

const env = process.env;
const config = loadConfig({ env, cwd: process.cwd() });
const log = createLogger({ level: "info", pretty: false });
const store = await openStore(config, config.environment.redisUrl, log, { role: "worker" });
const outside = connectOutside(config.environment, config.fleet);
const parts = { config, env, store, outside, log };
const deps = await agentDeps(parts);
const workspace = freezing(deps.workspace);
startAgent({ ...workerContext(parts), takeover }, { ...deps, workspace }, 1);
log.info("agent worker is up");
