import { runWorkerProcess } from "../src/cli/wiring/worker-process.js";

/** Entry of a notifier worker's process: tells trackers and people. */
await runWorkerProcess("notifier");
