import { join } from "node:path";
import { loadConfig } from "../config/load.js";
import { type RawEnvironment, readProcessEnvironment } from "../config/variables.js";
import { asLine, createNarrator, type Happening } from "../demo/narrator.js";
import { approveEverything, ISSUES, tellStory } from "../demo/story.js";
import { BOT, createWorld, type World } from "../demo/world.js";
import type { WorkItem } from "../domain/work-item.js";
import { createLogger, type Logger } from "../telemetry/logger.js";
import { type Everything, startEverything } from "./wiring/everything.js";
import { untilToldToStop } from "./wiring/lifecycle.js";
import { packageRoot } from "./wiring/package-root.js";

/** The demo gives up after this, in ms, and says so with exit code 1. */
const PATIENCE_MS = 120_000;

interface DemoOptions {
  readonly exit?: boolean;
  readonly json?: boolean;
}

/** `stagecoach demo`: the whole fleet on a temporary folder, three issues, scripted agents. */
export async function demo(options: DemoOptions): Promise<void> {
  const env = readProcessEnvironment();
  const world = await createWorld(join(packageRoot(), "demo", "agents"), env);
  const config = loadConfig({
    env: world.environment,
    cwd: packageRoot(),
    configPath: world.configPath,
  });
  const log = createLogger({
    level: config.environment.logLevel,
    pretty: process.stderr.isTTY,
    name: "demo",
  });
  const show = presenter(options);
  const finished = new Set<string>();
  let allDone: () => void = () => {};
  const done = new Promise<void>((resolve) => {
    allDone = resolve;
  });
  const narrate = createNarrator(show.tell);
  const everything = await startEverything(
    config,
    demoEnvironment(env, world),
    log,
    (transition) => {
      narrate(transition);
      if (transition.item.status === "done") finished.add(transition.item.id);
      if (finished.size === ISSUES) allDone();
    },
  );
  if (!options.json) introduce(everything);
  watchTrackers(world, show.tell);
  approveEverything(world);
  world.hookTo(everything.receiver.url);
  show.begin();
  tellStory(world);
  const inTime = await within(PATIENCE_MS, done);
  await conclude(everything, show, inTime, options);
  await stop(everything, world, log, options);
  if (!inTime) process.exitCode = 1;
}

/** Agents and gates get this process's PATH and nothing of the demo's secrets. */
function demoEnvironment(env: RawEnvironment, world: World): RawEnvironment {
  return { ...env, ...world.environment };
}

interface Presenter {
  begin(): void;
  elapsed(): number;
  tell(happening: Omit<Happening, "ms">): void;
}

function presenter({ json }: DemoOptions): Presenter {
  let start = performance.now();
  const elapsed = () => Math.round(performance.now() - start);
  return {
    begin: () => {
      start = performance.now();
    },
    elapsed,
    tell(happening) {
      const whole = { ms: elapsed(), ...happening };
      const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
      console.log(json ? JSON.stringify(whole) : asLine(whole, colour));
    },
  };
}

function introduce({ receiver, redis }: Everything): void {
  console.log(
    "Stagecoach demo: three issues, seven stages, scripted agents, real git and real webhooks.",
  );
  console.log(`Redis: ${redis?.kind ?? "REDIS_URL"}. Receiver: ${receiver.url}\n`);
}

/** What the trackers' people would see. */
function watchTrackers({ gitea, plane }: World, tell: Presenter["tell"]): void {
  const seen = new Set<number>();
  gitea.onComment((comment) => {
    if (comment.author !== BOT) {
      tell({
        event: "comment",
        item: null,
        stage: null,
        text: `${comment.author} on #${comment.issue}: ${comment.body}`,
      });
    } else if (!seen.has(comment.id)) {
      const status = comment.body.includes("stagecoach:status:");
      const text = status
        ? `status comment on #${comment.issue}, kept up to date from here`
        : `commented on #${comment.issue}: ${plain(comment.body)}`;
      tell({ event: "comment", item: null, stage: null, text });
    }
    seen.add(comment.id);
  });
  gitea.onPullRequest((pull) => {
    tell({
      event: "comment",
      item: null,
      stage: null,
      text: `pull request #${pull.number} opened: ${pull.title}`,
    });
  });
  plane.onComment((comment) => {
    const text = `${comment.externalSource === null ? "alice in Plane" : "commented in Plane"}: ${plain(comment.html)}`;
    tell({ event: "comment", item: null, stage: null, text });
  });
}

/** A comment's words without markers and markup. */
function plain(text: string): string {
  return text
    .replace(/<!--.*?-->/gs, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/[*`>#]/g, "")
    .trim();
}

async function conclude(
  everything: Everything,
  show: Presenter,
  inTime: boolean,
  options: DemoOptions,
): Promise<void> {
  const { items } = await everything.store.items.list({ limit: 10, cursor: null });
  const took = (show.elapsed() / 1_000).toFixed(1);
  const head = inTime
    ? `All ${ISSUES} issues are done after ${took} s.`
    : `Not done after ${took} s:`;
  show.tell({ event: "summary", item: null, stage: null, text: head });
  for (const item of items.toReversed()) {
    show.tell({ event: "summary", item: item.id, stage: item.stage, text: describe(item) });
  }
  const board = { url: `${everything.receiver.url}/board`, login: everything.receiver.loginUrl };
  if (options.json) {
    console.log(JSON.stringify({ ms: show.elapsed(), event: "board", ...board }));
    return;
  }
  console.log(`\nBoard: ${board.url}\nLog in: ${board.login}`);
  if (!options.exit) console.log("Ctrl-C ends the demo.");
}

function describe(item: WorkItem): string {
  const runs = `${item.developerRuns} developer run${item.developerRuns === 1 ? "" : "s"}`;
  return `${item.title}: ${item.status}, ${runs}, $${item.costUsd.toFixed(2)}, ${item.branch}`;
}

async function stop(
  everything: Everything,
  world: World,
  log: Logger,
  options: DemoOptions,
): Promise<void> {
  if (!options.exit) await untilToldToStop(log);
  await everything.stop();
  await world.remove();
}

async function within(ms: number, done: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([done.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
