import { Redis } from "ioredis";
import { itemKeys } from "../src/redis/keys.js";
import { unpackEntry } from "../src/redis/stored-item.js";
import { type Asked, askedDuring } from "./asked-of-redis.js";
import type { BenchCase, Measured } from "./case.js";
import { connectionsOfOthers, ownAddress } from "./connections.js";
import { BOT, deliveries, REPO, SECRET } from "./deliveries.js";
import { watchDone } from "./done-items.js";
import { fire } from "./load.js";
import { startReceiver } from "./receiver-program.js";
import { median } from "./statistics.js";
import { counted } from "./words.js";
import { openFleet, PREFIX, quickScript, startWorker } from "./working-fleet.js";

const ROUNDS = 3;
const COMMANDS = { kind: "none", unit: "commands" } as const;

/** What a delivery asks of Redis, by itself and in a crowd. */
export const delivered: BenchCase = {
  name: "asked-by-delivery",
  async measure(bench) {
    const receiver = await startReceiver(bench);
    const url = String(receiver.said.url);
    await fire(url, deliveries(200));
    const over = (connections: number, count: number) =>
      rounds(count, () =>
        askedDuring(bench.redis.url, () => fire(url, deliveries(count), connections)),
      );
    const alone = await over(1, 100);
    const among = await over(64, 1_000);
    const connections = `${counted(await connectionsOfOthers(bench.redis.url), "connection")} of the receiver`;
    return [
      line("Redis commands of a delivery that comes alone", alone, connections),
      line("Redis commands of a delivery among 64 at a time", among, connections),
    ];
  },
};

/** What an item of one stage asks of it, from its webhook to done. */
export const carried: BenchCase = {
  name: "asked-by-item",
  async measure(bench) {
    const fleet = await openFleet(bench, await quickScript(bench.folder));
    const { gitea, env, url } = fleet;
    await startWorker(bench, "agent", env("agent"));
    gitea.setHook({ url: `${url}/webhook/gitea`, secret: SECRET });
    const { url: redis } = bench.redis;
    const done = await watchDone(ownAddress(redis), PREFIX);
    const one = async () => {
      const passed = done.next(1);
      gitea.addIssue({ repo: REPO, title: "Count frames", assignees: [BOT] });
      await passed;
      await gitea.settled();
    };
    await one();
    const count = bench.quick ? 5 : 20;
    const found = await rounds(count, () => askedDuring(redis, () => several(count, one)));
    const transitions = await transitionsOf(redis, "ET-001");
    const connections = `${counted(await connectionsOfOthers(redis), "connection")} of ${fleet.processes.size + 1} processes`;
    done.close();
    await fleet.close();
    return [
      line("Redis commands of an item of one stage, webhook to done", found, connections),
      line(
        "Redis commands of a transition, with all that leads to it",
        found.map(({ byClients, inScripts }) => ({
          byClients: byClients / transitions,
          inScripts: inScripts / transitions,
        })),
        `the above, of ${counted(transitions, "transition")} each`,
      ),
    ];
  },
};

async function several(count: number, work: () => Promise<void>): Promise<void> {
  for (let done = 0; done < count; done += 1) await work();
}

async function rounds(count: number, measure: () => Promise<Asked>): Promise<readonly Asked[]> {
  const found: Asked[] = [];
  while (found.length < ROUNDS) {
    const { byClients, inScripts } = await measure();
    found.push({ byClients: byClients / count, inScripts: inScripts / count });
  }
  return found;
}

function line(what: string, found: readonly Asked[], facts: string): Measured {
  const inScripts = Math.round(median(found.map((each) => each.inScripts)));
  const detail = `and ${inScripts} inside of scripts; ${facts}`;
  return { what, goal: COMMANDS, values: found.map(({ byClients }) => byClients), detail };
}

/** How often an item came to stand somewhere; its history tells of more. */
async function transitionsOf(url: string, id: string): Promise<number> {
  const redis = new Redis(ownAddress(url));
  const stored = await redis.lrange(itemKeys(PREFIX).history(id), 0, -1);
  redis.disconnect();
  const kinds = stored.map((entry) => unpackEntry(entry).kind);
  return kinds.filter((kind) => kind === "started" || kind === "transition").length;
}
