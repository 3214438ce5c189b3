import { configure, requireRedisUrl } from "./configure.js";
import { untilToldToStop } from "./lifecycle.js";
import { startReceiver } from "./receiver.js";
import { openStore } from "./store.js";

/** The receiver's process from start to drained. */
export async function runReceiverProcess(
  options: { configPath?: string | undefined } = {},
): Promise<void> {
  const { config, log } = configure("receiver", { ...options, needs: "intake" });
  const store = await openStore(config, requireRedisUrl(config), log);
  const receiver = await startReceiver(config, store, log);
  log.info({ url: receiver.url }, "receiver is up");
  if (receiver.madePassword !== null) {
    console.error(`No BOARD_PASSWORD is set. Log in with ${receiver.loginUrl}`);
  }
  await untilToldToStop(log);
  await receiver.close();
  await store.close();
}
