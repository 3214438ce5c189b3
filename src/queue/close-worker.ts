import type { Worker } from "bullmq";

/**
 * Takes nothing new, lets what is under way end, and closes. While its connection is being made anew
 * this waits: ioredis never says the end of one that is told to disconnect just then, and BullMQ would
 * wait for that for ever, also when Redis is back (github.com/taskforcesh/bullmq/issues/4656).
 */
export async function closeWorker(worker: Worker): Promise<void> {
  await worker.pause(true);
  const client = await worker.backend.blockingConnection?.client;
  if (client !== undefined) await untilConnected(client);
  await worker.close();
}

interface Client {
  readonly status: string;
  on(event: "ready" | "end", listener: () => void): unknown;
  off(event: "ready" | "end", listener: () => void): unknown;
}

function untilConnected(client: Client): Promise<void> {
  if (client.status === "ready" || client.status === "end") return Promise.resolve();
  return new Promise((resolve) => {
    const finish = () => {
      client.off("ready", finish);
      client.off("end", finish);
      resolve();
    };
    client.on("ready", finish);
    client.on("end", finish);
  });
}
