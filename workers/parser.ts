import { runWorkerProcess } from "../src/cli/wiring/worker-process.js";

/** Entry of a parser worker's process: reads deliveries into work items. */
await runWorkerProcess("parser");
