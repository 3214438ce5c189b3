import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findNativeServer } from "../../src/redis/embedded-native.js";
import { BOT, openProcessFleet, type ProcessFleet, REPO } from "../support/process-fleet.js";
import { killProcesses, type Running, until } from "../support/processes.js";
import { post, request, signed } from "../support/signed-request.js";

const native = await findNativeServer();
const SECRET = "webhook-secret";
const DELIVERIES = 2_000;
const A_SECOND = 200;
const OUTAGE_MS = 20_000;

/** A Redis that loses nothing it acknowledged, to be killed and brought back at its address. */
interface DurableRedis {
  readonly url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
}

async function durableRedis(binary: string, folder: string): Promise<DurableRedis> {
  const listening = createServer().listen(0, "127.0.0.1");
  await once(listening, "listening");
  const { port } = listening.address() as { port: number };
  listening.close();
  let child: ChildProcess | null = null;
  const args = ["--port", String(port), "--dir", folder, "--save", ""];
  const durable = ["--appendonly", "yes", "--appendfsync", "always"];
  return {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      child = spawn(binary, [...args, ...durable], { stdio: "ignore" });
      const client = new Redis(port, "127.0.0.1", { maxRetriesPerRequest: null });
      client.on("error", (error) => void error);
      await client.ping();
      client.disconnect();
    },
    async kill() {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    },
  };
}

let folder: string;
let redis: DurableRedis;
let fleet: ProcessFleet;

describe.skipIf(native === null || process.env.STAGECOACH_TEST_REDIS === "wasm")(
  "a receiver over an outage of Redis (needs a native Redis that keeps its data)",
  () => {
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "stagecoach-outage-"));
      redis = await durableRedis(native?.path ?? "", folder);
      await redis.start();
      fleet = await openProcessFleet({ REDIS_URL: redis.url, DATA_DIR: join(folder, "data") });
    });

    afterEach(async () => {
      await killProcesses();
      await fleet.remove();
      await redis.kill();
      await rm(folder, { recursive: true, force: true, maxRetries: 20 });
    });

    it("makes exactly one job of every delivery it acknowledged", {
      timeout: 300_000,
    }, async () => {
      let receiver = fleet.start("receiver");
      let url = await addressOf(receiver);
      const acknowledged = new Set<number>();
      const send = async (number: number, again = "") => {
        try {
          const { status } = await post(url, assigned(number, again));
          if (status === 200) acknowledged.add(number);
        } catch (error) {
          // Nobody listens while the receiver is down; nothing was promised.
          if (!(error instanceof TypeError)) throw error;
        }
      };
      const answers: Promise<void>[] = [];
      let back: Promise<void> = Promise.resolve();
      for (let number = 1; number <= DELIVERIES; number += 1) {
        if (number === DELIVERIES / 5) {
          await redis.kill();
          back = pause(OUTAGE_MS).then(() => redis.start());
        }
        if (number === DELIVERIES / 2) {
          receiver.signal("SIGKILL");
          receiver = fleet.start("receiver");
          void addressOf(receiver).then((address) => {
            url = address;
          });
        }
        answers.push(send(number));
        // Some come again under another id, as trackers send them.
        if (number % 10 === 0) answers.push(send(number - 5, "again"));
        await pause(1_000 / A_SECOND);
      }
      await Promise.all([...answers, back]);
      await until("the receiver is ready", async () => (await fetch(`${url}/readyz`)).ok);

      const jobs = await jobsIn(redis.url, fleet.environment().REDIS_PREFIX ?? "");
      expect(new Set(jobs).size, "a delivery became two jobs").toBe(jobs.length);
      // One that was kept, and whose answer died with the receiver, becomes a job as well.
      const made = new Set(jobs);
      expect([...acknowledged].filter((number) => !made.has(number))).toEqual([]);
      // The outage was long enough to be bridged, and the receiver away for a part of it only.
      expect(acknowledged.size).toBeGreaterThan(DELIVERIES / 2);
      expect(receiver.log().some(({ msg }) => msg === "the spool is drained")).toBe(true);
    });
  },
);

async function addressOf(receiver: Running): Promise<string> {
  return String((await receiver.logged("receiver is up")).url);
}

function assigned(number: number, again: string) {
  const issue = {
    number,
    title: `Task ${number}`,
    body: "x".repeat(1_000),
    assignees: [{ login: BOT }],
    user: { login: "alice" },
    updated_at: "2026-03-01T09:00:00Z",
    html_url: `https://git.acme.example/${REPO}/issues/${number}`,
  };
  const body = {
    action: "assigned",
    number,
    issue,
    repository: { full_name: REPO },
    sender: { login: "alice" },
  };
  const headers = { "X-Gitea-Event": "issues", "X-Gitea-Delivery": `d-${number}${again}` };
  return signed(request("gitea", headers, body), SECRET);
}

/** The issue numbers of all jobs of queue `deliveries`. */
async function jobsIn(url: string, prefix: string): Promise<number[]> {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  const queue = new Queue("deliveries", { connection, prefix: `${prefix}:queue` });
  const jobs = await queue.getJobs(["waiting", "active", "delayed", "completed", "failed"]);
  await queue.close();
  connection.disconnect();
  return jobs.map(({ data }) => Number((data as { event: { number: number } }).event.number));
}
