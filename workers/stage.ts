import { runWorkerProcess } from "../src/cli/wiring/worker-process.js";

/** Entry of a stage worker's process: evaluates gates and moves items. */
await runWorkerProcess("stage");
