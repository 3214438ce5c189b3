import type { GiteaDouble } from "../../src/demo/gitea-double.js";
import { connectRedis, type RedisConnection } from "../../src/redis/connection.js";
import { itemKeys } from "../../src/redis/keys.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import type { Bench, Started } from "../case.js";
import { BOT, REPO, SECRET } from "../deliveries.js";
import { residentBytes } from "../resident.js";
import { usedMemory } from "../used-memory.js";
import { openFleet, PREFIX, quickScript, startWorker } from "../working-fleet.js";
import type { Look } from "./verdict.js";

const MINUTE_MS = 60_000;
const RETENTION = { deliveries: "1m", bodies: "1m", doneItems: "1m", checkouts: "1m" };
/** As many agents at once as a repository has by default. */
const SLOTS = 2;

export interface SoakedFleet {
  /** How long anything that ended is kept, in ms. */
  readonly retentionMs: number;
  /** Files the next issue for the bot, as people would. */
  fileIssue(): void;
  look(atMs: number, filed: number): Promise<Look>;
  close(): Promise<void>;
}

/** A receiver and a worker of every kind, each a process, with a Gitea and a repository. */
export async function openSoakedFleet(
  place: Pick<Bench, "folder" | "redis" | "start">,
): Promise<SoakedFleet> {
  const script = await quickScript(place.folder);
  const fleet = await openFleet(place, script, { slots: SLOTS, retention: RETENTION });
  const { gitea, env } = fleet;
  const agent = await startWorker(place, "agent", env("agent"));
  const processes = new Map([...fleet.processes, ["agent", agent]]);
  gitea.setHook({ url: `${fleet.url}/webhook/gitea`, secret: SECRET });
  const { url } = place.redis;
  const connection = connectRedis({ url, role: "worker", log: silentLogger() });
  return {
    retentionMs: MINUTE_MS,
    fileIssue: issuesOf(gitea),
    look: async (atMs, filed) => ({ atMs, filed, ...(await look(connection, processes)) }),
    async close() {
      gitea.setHook(null);
      connection.disconnect();
      await fleet.close();
    },
  };
}

/**
 * Every fourth issue waits for the one before it, every fifth is talked about, every seventh is edited,
 * every ninth closed before it is done, for which nobody waits: that would be for ever.
 */
function issuesOf(gitea: GiteaDouble): () => void {
  let last = 0;
  return () => {
    const body = last % 4 === 3 && last % 9 !== 0 ? `Blocked by: #${last}` : "";
    const { number } = gitea.addIssue({
      repo: REPO,
      title: `Count ${last}`,
      body,
      assignees: [BOT],
    });
    if (number % 5 === 0) gitea.humanComment(REPO, number, "bob", "Looking forward to this one.");
    if (number % 7 === 0) gitea.edit(REPO, number, { title: `Count ${last} frames` });
    if (number % 9 === 0) gitea.close(REPO, number);
    last = number;
  };
}

async function look(
  redis: RedisConnection,
  processes: ReadonlyMap<string, Started>,
): Promise<Omit<Look, "atMs" | "filed">> {
  const [used, kept, latest] = await Promise.all([
    usedMemory(redis),
    redis.zcard(itemKeys(PREFIX).items),
    redis.get(itemKeys(PREFIX).counter("ET")),
  ]);
  const resident = [...processes].map(([name, { pid }]) => [name, residentBytes(pid)] as const);
  return {
    removed: Number(latest ?? 0) - kept,
    kept,
    bytes: { redis: used, ...Object.fromEntries(resident) },
  };
}
