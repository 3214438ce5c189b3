import { once } from "node:events";
import { connect } from "node:net";
import { PromptValkey } from "../../src/redis/prompt-valkey.mjs";

// The engine in a process of its own: beside HTTP or a worker it would stop the event loop.
const port = Number(process.argv[2]);
await new PromptValkey({ port, host: "127.0.0.1" }).start();
// It is started before its socket listens.
while (!(await answers())) await new Promise((resolve) => setImmediate(resolve));
process.stdout.write("LISTENING\n");

async function answers() {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch (error) {
    if (error.code === "ECONNREFUSED") return false;
    throw error;
  } finally {
    socket.destroy();
  }
}
