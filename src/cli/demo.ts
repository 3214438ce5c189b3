import { join } from "node:path";
import { loadConfig } from "../config/load.js";
import { type RawEnvironment, readProcessEnvironment } from "../config/variables.js";
import type { Happening, Tell } from "../demo/happening.js";
import { createNarrator, type Story } from "../demo/narrator.js";
import { watchTrackers } from "../demo/spectator.js";
import { approveEverything, everybodyTold, ISSUES, tellStory } from "../demo/story.js";
import { asLine, asTable, type Screen } from "../demo/terminal.js";
import { createWorld, type World } from "../demo/world.js";
import { createLogger, silentLogger } from "../telemetry/logger.js";
import { type Everything, startEverything } from "./wiring/everything.js";
import { untilToldToStop, within } from "./wiring/lifecycle.js";
import { packageRoot } from "./wiring/package-root.js";

/** The demo gives up after this, in ms, and says so with exit code 1. */
const PATIENCE_MS = 120_000;
/** Columns where nobody says how wide the screen is. */
const USUAL_WIDTH = 100;

interface DemoOptions {
  readonly exit?: boolean;
  readonly json?: boolean;
}

/** `stagecoach demo`: the whole fleet on a temporary folder, three issues, scripted agents. */
export async function demo(options: DemoOptions): Promise<void> {
  const env = readProcessEnvironment();
  // Heard from the start: a folder that was made is also removed.
  const told = untilToldToStop(silentLogger());
  const world = await createWorld(join(packageRoot(), "demo", "agents"), env);
  try {
    await perform(world, env, options, told);
  } finally {
    await world.remove();
  }
}

async function perform(
  world: World,
  env: RawEnvironment,
  options: DemoOptions,
  told: Promise<unknown>,
): Promise<void> {
  const { environment, configPath } = world;
  const config = loadConfig({ env: environment, cwd: packageRoot(), configPath });
  const pretty = process.stderr.isTTY === true;
  const log = createLogger({ level: config.environment.logLevel, pretty, name: "demo" });
  const show = presenter(options, env);
  const narrator = createNarrator(show.tell);
  // Agents and gates get this process's PATH, and of the demo's secrets nothing.
  const fleetEnv = { ...env, ...environment };
  const everything = await startEverything(config, fleetEnv, log, { observe: narrator.hear });
  try {
    show.introduce(everything);
    watchTrackers(world, narrator, show.tell);
    approveEverything(world);
    world.hookTo(everything.receiver.url);
    const finished = everybodyTold(world);
    show.begin();
    tellStory(world);
    let stopped = false;
    const halt = told.then(() => {
      stopped = true;
    });
    // Both within one time: what is left of it would keep the process that was told to stop.
    const ended = await within(PATIENCE_MS, Promise.race([finished, halt]));
    show.conclude(narrator.stories(), everything);
    if (!ended || stopped) process.exitCode = 1;
    if (!stopped && !options.exit) await told;
  } finally {
    await everything.stop();
  }
}

interface Presenter {
  readonly tell: Tell;
  introduce(everything: Everything): void;
  begin(): void;
  conclude(stories: readonly Story[], everything: Everything): void;
}

function presenter(options: DemoOptions, env: RawEnvironment): Presenter {
  const out = options.json ? printJson : printerFor(screenOf(env));
  let start = performance.now();
  let over = false;
  const tell: Tell = (happening) => {
    if (over) return;
    out.happening({ ms: Math.round(performance.now() - start), ...happening });
  };
  return {
    tell,
    introduce: out.introduce,
    begin: () => {
      start = performance.now();
    },
    conclude(stories, { receiver }) {
      const done = stories.filter(({ item }) => item.status === "done").length;
      const took = ((performance.now() - start) / 1_000).toFixed(1);
      const text =
        done === ISSUES
          ? `All ${ISSUES} issues are done after ${took} s.`
          : `${done} of ${ISSUES} issues are done after ${took} s; LOG_LEVEL=info shows more.`;
      tell({ event: "summary", item: null, stage: null, text, facts: { done, of: ISSUES } });
      out.table(stories, tell);
      const board = `${receiver.url}/board`;
      const facts = { url: receiver.url, board, login: receiver.loginUrl };
      tell({ event: "board", item: null, stage: null, text: receiver.url, facts });
      over = true;
      out.goodbye(receiver.loginUrl, options);
    },
  };
}

interface Printer {
  introduce(everything: Everything): void;
  happening(happening: Happening): void;
  table(stories: readonly Story[], tell: Tell): void;
  goodbye(login: string, options: DemoOptions): void;
}

/** One object a line, nothing else. */
const printJson: Printer = {
  introduce: () => {},
  happening({ ms, event, item, stage, text, facts }) {
    console.log(JSON.stringify({ ms, event, item, stage, text, ...facts }));
  },
  table(stories, tell) {
    for (const { item, sentBack, waitedFor } of stories) {
      const { id, stage, status, reason, title, branch, developerRuns, costUsd } = item;
      const runs = { developer_runs: developerRuns, sent_back: sentBack, waited_for: waitedFor };
      const facts = {
        status,
        reason,
        title,
        branch,
        ...runs,
        cost_usd: Number(costUsd.toFixed(6)),
      };
      tell({ event: "summary", item: id, stage, text: `${title}: ${status}`, facts });
    }
  },
  goodbye: () => {},
};

function printerFor(screen: Screen): Printer {
  return {
    introduce({ receiver, redis }) {
      const engine = redis?.persistent === false ? `${redis.kind}, in memory` : redis?.kind;
      console.log("Stagecoach demo: three issues travel through seven stages on this machine.");
      console.log("Agents are scripted; webhooks, queues, git and gates are real.");
      console.log(`Redis: ${engine ?? "REDIS_URL"}. Receiver: ${receiver.url}\n`);
    },
    happening(happening) {
      if (happening.minor || happening.event === "board") return;
      if (happening.event === "summary") console.log(`\n${happening.text}\n`);
      else console.log(asLine(happening, screen));
    },
    table: (stories) => console.log(asTable(stories, screen)),
    goodbye(login, { exit }) {
      console.log(`\nOverview, items and Bull Board, logged in by this link:\n  ${login}`);
      if (!exit) console.log("Ctrl-C ends the demo and removes all it made.");
    },
  };
}

/** Colours only on a terminal, and only if nobody asked for none (https://no-color.org). */
function screenOf(env: RawEnvironment): Screen {
  const { isTTY, columns } = process.stdout;
  return { width: columns ?? USUAL_WIDTH, colour: isTTY === true && !env.NO_COLOR };
}
