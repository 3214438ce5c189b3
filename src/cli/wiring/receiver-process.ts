import { configureShared } from "./configure.js";
import { greet } from "./greeting.js";
import { asProcess, unlessToldToStop, untilToldToStop } from "./lifecycle.js";
import { startReceiver } from "./receiver.js";
import { openStore, RECEIVER_STORE } from "./store.js";

/** A balancer learns from `/readyz` that this receiver goes before it is gone, in ms. */
const LAST_CALL_MS = 2_000;

/** The receiver's process from start to drained. */
export function runReceiverProcess(
  options: { configPath?: string | undefined } = {},
): Promise<never> {
  return asProcess(async () => {
    const { config, log, redisUrl } = configureShared("receiver", { ...options, needs: "intake" });
    const told = untilToldToStop(log);
    log.info({ config: config.path }, "starting");
    const opening = openStore(config, redisUrl, log, RECEIVER_STORE);
    const store = await unlessToldToStop(told, opening);
    const receiver = await startReceiver(config, store, log, { lastCallMs: LAST_CALL_MS });
    log.info({ url: receiver.url }, "receiver is up");
    greet(receiver);
    await told;
    await receiver.close();
    await store.close();
    log.info("drained");
  });
}
