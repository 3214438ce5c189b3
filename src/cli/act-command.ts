import { silentLogger } from "../telemetry/logger.js";
import { configure } from "./wiring/configure.js";
import { coreOf } from "./wiring/core.js";
import { asProcess } from "./wiring/lifecycle.js";
import { urlOfFleet } from "./wiring/look.js";
import { COMMAND_STORE, openStore, type Store } from "./wiring/store.js";

export interface ActOptions {
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
}

/** What a command that changes something has at hand. */
export interface Acting {
  readonly store: Store;
  readonly core: ReturnType<typeof coreOf>;
}

/** A command that changes something in a running fleet and says what; 1 if it can't. */
export function actCommand(
  name: string,
  { config: configPath }: ActOptions,
  act: (acting: Acting) => Promise<string>,
): Promise<never> {
  const { config } = configure(name, { configPath, needs: "intake", quiet: true });
  return asProcess(async () => {
    const log = silentLogger();
    const store = await openStore(config, await urlOfFleet(config), log, COMMAND_STORE);
    try {
      console.log(await act({ store, core: coreOf(config, store, log) }));
    } finally {
      await store.close();
    }
  });
}
