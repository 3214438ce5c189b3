import { Redis } from "ioredis";
import { type Asked, askedDuring } from "./asked-of-redis.js";
import type { Bench, BenchCase, Measured } from "./case.js";
import { BOT, deliveries, REPO, SECRET } from "./deliveries.js";
import { watchDone } from "./done-items.js";
import { fire } from "./load.js";
import { startReceiver } from "./receiver-program.js";
import { median } from "./statistics.js";
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
    return [
      line("Redis commands of a delivery that comes alone", await over(1, 100)),
      line("Redis commands of a delivery among 64 at a time", await over(64, 1_000)),
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
    const done = await watchDone(bench.redis.url, PREFIX);
    const one = async () => {
      const passed = done.next(1);
      gitea.addIssue({ repo: REPO, title: "Count frames", assignees: [BOT] });
      await passed;
      await gitea.settled();
    };
    await one();
    const count = bench.quick ? 5 : 20;
    const found = await rounds(count, () =>
      askedDuring(bench.redis.url, () => several(count, one)),
    );
    const facts = await factsOf(bench);
    done.close();
    await fleet.close();
    return [line("Redis commands of an item of one stage, webhook to done", found, facts)];
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

function line(what: string, found: readonly Asked[], more = ""): Measured {
  const inScripts = Math.round(median(found.map((each) => each.inScripts)));
  const detail = `and ${inScripts} inside of scripts${more}`;
  return { what, goal: COMMANDS, values: found.map(({ byClients }) => byClients), detail };
}

/** The transitions of an item, and the connections of a fleet. */
async function factsOf({ redis: { url } }: Bench): Promise<string> {
  const redis = new Redis(url);
  const history = await redis.llen(`${PREFIX}:item:ET-001:history`);
  const clients = String(await redis.client("LIST"))
    .trim()
    .split("\n");
  redis.disconnect();
  return `; ${history} transitions; ${clients.length - 2} connections of 5 processes`;
}
