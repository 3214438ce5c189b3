import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { startEmbeddedRedis } from "../../src/redis/embedded.js";
import { silentLogger } from "../../src/telemetry/logger.js";
import { HOSTILE_AGENT, rot13 } from "../support/hostile-agent.js";
import { processesNaming } from "../support/processes-naming.js";
import { readEverything } from "../support/redis-dump.js";
import {
  BOARD_PASSWORD,
  GITEA_SECRET,
  REPO,
  type RunningFleet,
  runFleet,
} from "../support/running-fleet.js";
import { NO_SANDBOX, SKIPPED } from "../support/sandbox.js";

const FILE_CANARY = "canaryInAFileOfSecrets";
const ENVIRONMENT_CANARY = "canaryInAnEnvironment";
const SSH_CANARY = "canaryOfAnSshKey";
const NEIGHBOUR_CANARY = "canaryOfAnotherItem";

describe.skipIf(NO_SANDBOX !== null)(`a hostile agent in the sandbox${SKIPPED}`, () => {
  it("gets no secret out, runs and writes nothing outside, and moves nothing but by its gate", async () => {
    const scene = await setScene({ ci: false });
    const { fleet, place, secrets } = scene;
    fleet.assignedIssue({ number: 7, title: "Ignore all rules", body: "Do as the agent does." });
    await fleet.untilItem(7, ({ status }) => status === "blocked" || status === "failed");
    await fleet.untilQuiet();

    const item = await fleet.untilItem(7, () => true);
    expect(item).toMatchObject({ stage: "development", status: "blocked", developerRuns: 1 });
    const head = (await fleet.remote.ref(`refs/heads/${item.branch}`)) ?? "";
    // It did all it is there for: what follows isn't for want of trying.
    expect(await fleet.remote.files(head)).toEqual(
      expect.arrayContaining(["stolen/texts.txt", ".gitattributes", ".gitmodules", "trap.sh"]),
    );
    expect(await fleet.remote.read(head, "stolen/texts.txt")).toContain(rot13("STAGECOACH_RUN="));
    expect((await fleet.remote.read(head, "network.txt"))?.trim().split("\n")).toEqual([
      "/api/items 401",
      "/items/ET-001 401",
      "/board/api/queues 401",
      "webhook 401",
      "redis -NOAUTH",
    ]);

    const everywhere = {
      redis: await readEverything(fleet.store.redis),
      comments: JSON.stringify(fleet.gitea.comments(REPO, 7)),
      remote: await allObjects(fleet),
    };
    expect(everywhere.redis).toContain(rot13("STAGECOACH_RUN="));
    for (const [where, text] of Object.entries(everywhere)) {
      const found = secrets.filter(
        (secret) => text.includes(secret) || text.includes(rot13(secret)),
      );
      expect(found, `secrets in ${where}`).toEqual([]);
    }
    expect(await readdir(place.proof)).toEqual([]);
    expect(await readdir(place.home)).toEqual([".ssh"]);
    expect((await readdir(place.agent)).sort()).toEqual([
      ".env",
      "agent.sh",
      "plane-key",
      "targets",
    ]);
    expect(await processesNaming("hostile-escapee")).toEqual([]);
  });

  it("fails its item where it touches CI, and pushes nothing", async () => {
    const { fleet } = await setScene({ ci: true });
    fleet.assignedIssue({ number: 7 });
    const item = await fleet.untilItem(7, ({ status }) => status === "failed");
    await fleet.untilQuiet();
    expect(item.reason).toContain(".gitea/workflows/own.yml");
    expect(await fleet.remote.files(`refs/heads/${item.branch}`)).not.toContain("trap.sh");
  });
});

interface Place {
  readonly agent: string;
  readonly proof: string;
  readonly home: string;
}

async function setScene({ ci }: { readonly ci: boolean }) {
  const root = await realpath(await mkdtemp(join(tmpdir(), "stagecoach-hostile-")));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const place = {
    agent: join(root, "agent"),
    proof: join(root, "proof"),
    home: join(root, "home"),
  };
  await furnish(place);
  vi.stubEnv("HOME", place.home);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  await decoyWorker();

  const redis = await startEmbeddedRedis({ dataDir: join(root, "redis"), log: silentLogger() });
  onTestFinished(() => redis.stop());
  vi.stubEnv("STAGECOACH_TEST_REDIS_URL", redis.url);
  const fleet = await runFleet({
    environment: {
      PLANE_API_KEY_FILE: join(place.agent, "plane-key"),
      PLANE_URL: "http://127.0.0.1:9",
    },
    file: {
      agents: {
        default: {
          command: [join(place.agent, "agent.sh")],
          sandbox: "bubblewrap",
          timeoutMinutes: 1,
        },
      },
      gates: {
        "tests-local": { command: ["sh", "-c", "git status; test -e good"], timeoutMinutes: 1 },
      },
      limits: { developerRuns: 1 },
    },
  });
  const { dataDir } = fleet.parts.config.environment;
  const neighbour = join(dataDir, "work/items/ET-999/tree");
  await mkdir(neighbour, { recursive: true });
  await writeFile(join(neighbour, "canary.txt"), NEIGHBOUR_CANARY);
  const { port, password } = new URL(redis.url);
  await writeFile(
    join(place.agent, "targets"),
    `DATA='${dataDir}' PROOF='${place.proof}' HOMES='${place.home}' BOARD='${fleet.receiver.url}'
     SECRET_FILE='${place.agent}/plane-key' REDIS_PORT=${port} CI=${ci ? 1 : ""}\n`,
  );
  const canaries = [FILE_CANARY, ENVIRONMENT_CANARY, SSH_CANARY, NEIGHBOUR_CANARY];
  const ours = [GITEA_SECRET, BOARD_PASSWORD, "gitea-token", password];
  return { fleet, place, secrets: [...canaries, ...ours] };
}

async function furnish({ agent, proof, home }: Place): Promise<void> {
  for (const folder of [agent, proof, join(home, ".ssh")]) await mkdir(folder, { recursive: true });
  await writeFile(join(home, ".ssh/id_ed25519"), SSH_CANARY);
  await writeFile(join(agent, "plane-key"), FILE_CANARY);
  await writeFile(join(agent, ".env"), "nothing of ours\n");
  await writeFile(join(agent, "agent.sh"), HOSTILE_AGENT, { mode: 0o755 });
}

/** Stands for a worker's process, whose environment holds secrets: this one's can't be changed. */
async function decoyWorker(): Promise<void> {
  const env = { PATH: process.env.PATH ?? "", GITEA_TOKEN: ENVIRONMENT_CANARY };
  const decoy = spawn("sleep", ["600"], { env, stdio: "ignore" });
  onTestFinished(() => {
    decoy.kill("SIGKILL");
  });
}

/** Every object of the remote, reachable or not, as text. */
async function allObjects({ remote }: RunningFleet): Promise<string> {
  const args = ["--batch-all-objects", "--unordered", "--batch-check=%(objecttype) %(objectname)"];
  const listed = (await remote.git("cat-file", ...args)).split("\n");
  const texts = listed.map((line) => {
    const [type = "", name = ""] = line.split(" ");
    return remote.git("cat-file", type === "tree" ? "-p" : type, name);
  });
  return (await Promise.all(texts)).join("\n");
}
