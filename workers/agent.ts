import { runWorkerProcess } from "../src/cli/wiring/worker-process.js";

/** Entry of an agent worker's process: runs coding agents. */
await runWorkerProcess("agent");
