import { runWorkerProcess } from "../src/cli/wiring/worker-process.js";

/** An agent worker's process that runs one agent at a time, so that more of them is all the difference. */
await runWorkerProcess("agent", { concurrency: 1 });
