import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { type GiteaDouble, startGiteaDouble } from "../../src/demo/gitea-double.js";
import { createRemote, type GitRemote } from "./git-remote.js";
import { type ENTRY, type Running, startNode, startProcess, until } from "./processes.js";
import { startRedis, uniquePrefix } from "./redis.js";

export const REPO = "acme/rocket";
export const BOT = "stagecoach-bot";
const PASSWORD = "correct horse battery";
const SECRET = "webhook-secret";
const TOKEN = "gitea-token-of-the-bot";

/**
 * An agent as people write them: reads its prompt, looks at the history, changes a file. It leaves
 * word of itself below its first argument, and goes on once there is no `hold` there.
 */
const AGENT = `#!/bin/sh
set -eu
control=$1
echo "looking at $STAGECOACH_ITEM"
cat > "$control/prompt-$STAGECOACH_RUN"
git log --format=%s > "$control/history-$STAGECOACH_RUN"
echo $$ > "$control/.$STAGECOACH_RUN"
mv "$control/.$STAGECOACH_RUN" "$control/pid-$STAGECOACH_RUN"
while [ -e "$control/hold" ]; do sleep 0.1; done
mkdir -p notes
echo "by $STAGECOACH_RUN" >> "notes/$STAGECOACH_ITEM.txt"
echo "{\\"summary\\":\\"noted\\",\\"usage\\":{\\"input_tokens\\":11,\\"output_tokens\\":7}}" > "$STAGECOACH_RESULT_FILE"
`;

export interface ApiItem {
  readonly id: string;
  readonly stage: string;
  readonly status: string;
  readonly branch: string;
  readonly reason: string;
  readonly version: number;
  readonly issue_number: number;
  readonly developer_runs: number;
}

/** A repository, a Gitea and a fleet's configuration, for processes of the fleet to be started. */
export interface ProcessFleet {
  readonly gitea: GiteaDouble;
  readonly remote: GitRemote;
  readonly folder: string;
  /** The agents' word of themselves. */
  readonly control: string;
  start(entry: keyof typeof ENTRY, ...args: string[]): Running;
  /** Starts a script of this folder as a process of the fleet. */
  startScript(name: string, ...args: string[]): Running;
  /** What a process of this fleet is started with; every one has a DATA_DIR of its own. */
  environment(): Record<string, string>;
  /** Writes the fleet's file with changes to another path. */
  derive(path: string, changes: Record<string, unknown>): Promise<void>;
  /** Waits for the receiver, sends it Gitea's webhooks from now on, and returns its address. */
  hookTo(receiver: Running, message?: string): Promise<string>;
  items(): Promise<readonly ApiItem[]>;
  /** The endings of an item's runs, oldest first. */
  endings(item: string): Promise<readonly (string | null)[]>;
  /** Waits until so many items are done. */
  done(count: number): Promise<readonly ApiItem[]>;
  /** Agents wait from now on. */
  hold(): Promise<void>;
  release(): Promise<void>;
  /** Waits for an agent of this run, `<item>-v<version>-a<attempt>`; its process id. */
  agentOf(run: string): Promise<number>;
  /** How often the branch was moved after it was made. */
  pushes(branch: string): Promise<number>;
  remove(): Promise<void>;
}

export async function openProcessFleet(
  changes: Record<string, string> = {},
): Promise<ProcessFleet> {
  const folder = await mkdtemp(join(tmpdir(), "stagecoach-processes-"));
  const control = join(folder, "control");
  await mkdir(control);
  const agent = join(folder, "agent.sh");
  await writeFile(agent, AGENT, { mode: 0o755 });
  const remote = await createRemote({ "README.md": "# rocket\n" });
  await remote.git("config", "core.logAllRefUpdates", "always");
  const gitea = await startGiteaDouble({
    token: TOKEN,
    bot: BOT,
    repos: [REPO],
    branchHead: (_repo, branch) => remote.ref(`refs/heads/${branch}`),
  });
  const config = join(folder, "stagecoach.yaml");
  const file = fleetFile(remote.path, [agent, control]);
  await writeFile(config, stringify(file));
  const redis = await startRedis();
  const base: Record<string, string> = {
    REDIS_URL: redis.url,
    REDIS_PREFIX: uniquePrefix(),
    STAGECOACH_CONFIG: config,
    PORT: "0",
    GITEA_URL: gitea.url,
    GITEA_TOKEN: TOKEN,
    GITEA_WEBHOOK_SECRET: SECRET,
    BOARD_PASSWORD: PASSWORD,
    ...changes,
  };
  let processes = 0;
  let origin = "";
  const environment = () => ({ DATA_DIR: join(folder, `data-${++processes}`), ...base });
  const get = async <T>(path: string): Promise<T> => {
    const login = Buffer.from(`admin:${PASSWORD}`).toString("base64");
    const response = await fetch(origin + path, { headers: { Authorization: `Basic ${login}` } });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return (await response.json()) as T;
  };
  /** A wait that fails says where everything stood. */
  const untilFleet = (what: string, holds: () => Promise<boolean>) =>
    until(what, holds).catch(async (error: Error) => {
      throw new Error(`${error.message}; there is ${JSON.stringify(await items(), null, 1)}`);
    });
  const items = async () => (await get<{ items: ApiItem[] }>("/api/items")).items;
  return {
    gitea,
    remote,
    folder,
    control,
    environment,
    start: (entry, ...args) => startProcess(entry, args, environment(), folder),
    startScript: (name, ...args) =>
      startNode(fileURLToPath(new URL(name, import.meta.url)), args, environment(), folder),
    derive: (path, more) => writeFile(path, stringify({ ...file, ...more })),
    async hookTo(receiver, message = "receiver is up") {
      origin = String((await receiver.logged(message)).url);
      gitea.setHook({ url: `${origin}/webhook/gitea`, secret: SECRET });
      return origin;
    },
    items,
    async endings(item) {
      const { runs } = await get<{ runs: { ending: string | null }[] }>(`/api/items/${item}`);
      return runs.map(({ ending }) => ending);
    },
    async done(count) {
      const finished = async () => (await items()).filter(({ status }) => status === "done");
      await untilFleet(`${count} items are done`, async () => (await finished()).length === count);
      return finished();
    },
    hold: () => writeFile(join(control, "hold"), ""),
    release: () => rm(join(control, "hold")),
    async agentOf(run) {
      const name = `pid-${run}`;
      await untilFleet(`an agent of ${run}`, async () => (await readdir(control)).includes(name));
      return Number(await readFile(join(control, name), "utf8"));
    },
    async pushes(branch) {
      const log = await remote.git("reflog", "show", "--format=%H", `refs/heads/${branch}`);
      return log.split("\n").length - 1;
    },
    async remove() {
      await gitea.settled();
      await Promise.all([gitea.stop(), redis.stop(), remote.remove()]);
      await rm(folder, { recursive: true, force: true, maxRetries: 20 });
    },
  };
}

function fleetFile(remote: string, command: readonly string[]): object {
  return {
    bot: BOT,
    approvers: ["alice"],
    parser: "rules",
    projects: [{ name: "rocket", repo: REPO, remote, pipeline: "direct", maxConcurrentRuns: 2 }],
    gates: { "tests-local": { command: ["sh", "-c", "test -d notes"], timeoutMinutes: 1 } },
    agents: { default: { runner: "command", command, sandbox: "none", silentMinutes: 10 } },
  };
}
