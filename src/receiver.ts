import { runReceiverProcess } from "./cli/wiring/receiver-process.js";

/** Entry of the receiver's process: takes webhooks, serves the operators' pages. */
await runReceiverProcess();
