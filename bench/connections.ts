import { Redis } from "ioredis";

const OURS = "bench";

/** The address for the bench's own connections, and what they duplicate: each tells Redis whose it is. */
export function ownAddress(url: string): string {
  const named = new URL(url);
  named.searchParams.set("connectionName", OURS);
  return named.href;
}

/** How many connections Redis has of others than the bench. */
export async function connectionsOfOthers(url: string): Promise<number> {
  const redis = new Redis(ownAddress(url));
  const clients = String(await redis.client("LIST"))
    .trim()
    .split("\n");
  redis.disconnect();
  return clients.filter((client) => !client.includes(` name=${OURS} `)).length;
}
