import { isFinished } from "../../src/domain/work-item.js";
import { admit } from "../../src/engine/admission.js";
import { driveOutbox } from "../../src/engine/outbox.js";
import type { RedisConnection } from "../../src/redis/connection.js";
import { type Dice, dice } from "./dice.js";
import { GraphModel, type ModelIssue } from "./graph-model.js";
import { GraphPlayer } from "./graph-player.js";
import { graphWorld } from "./graph-world.js";
import type { World } from "./interleavings.js";
import { type PlayedQueue, playQueue } from "./played-queue.js";

export interface PlayedGraph {
  /** What was found wrong, a sentence each. */
  readonly broken: readonly string[];
  readonly issues: number;
  readonly loops: number;
  readonly statuses: ReadonlySet<string>;
}

interface Story {
  readonly world: World;
  readonly queue: PlayedQueue;
  readonly model: GraphModel;
  readonly player: GraphPlayer;
  readonly die: Dice;
  readonly statuses: Set<string>;
}

type Act = () => Promise<unknown>;

/** One random graph: its life in random order, a look at where it came to rest, and its end. */
export async function playGraph(
  redis: RedisConnection,
  prefix: string,
  seed: number,
): Promise<PlayedGraph> {
  const die = dice(seed);
  const model = new GraphModel(sizeOf(die));
  const queue = playQueue();
  const comments = new Map<string, number>();
  const world = graphWorld(redis, prefix, queue, model, (item, text) => {
    if (text.includes("is a loop")) comments.set(item, (comments.get(item) ?? 0) + 1);
  });
  const player = new GraphPlayer(world, queue, model, die);
  const story = { world, queue, model, player, die, statuses: new Set<string>() };
  await live(story);
  await rest(story);
  const loops = await lookAround(story);
  await release(story);
  return {
    broken: player.broken,
    issues: model.issues.length,
    loops: Math.min(loops, comments.size),
    statuses: story.statuses,
  };
}

/** Mostly small, since most goes wrong between few; some as large as they come. */
function sizeOf(die: Dice): number {
  if (die.chance(0.85)) return 2 + die.below(6);
  return die.chance(0.9) ? 8 + die.below(12) : 20 + die.below(41);
}

/** Things happen, up to three at once, in each moment to different issues. */
async function live(story: Story): Promise<void> {
  const { model, die } = story;
  for (let edges = die.below(model.issues.length * 2); edges > 0; edges -= 1) changeEdge(story);
  for (let moments = model.issues.length * 6; moments > 0; moments -= 1) {
    const busy = new Set<ModelIssue>();
    const acts = Array.from({ length: die.of([1, 1, 2, 3]) }, () => nextAct(story, busy));
    await Promise.all(acts.map((act) => act()));
  }
}

function nextAct(story: Story, busy: Set<ModelIssue>): Act {
  const { queue, player, die, model } = story;
  const ready = queue.ready();
  if (ready.length > 0 && die.chance(0.7)) {
    const job = die.of(ready);
    // Taken now, so that nobody else takes it in this moment.
    job.state = "at-work";
    return () => player.work(job);
  }
  const issue = die.of(model.issues);
  if (busy.has(issue)) return async () => undefined;
  busy.add(issue);
  return actOn(story, issue);
}

function actOn(story: Story, issue: ModelIssue): Act {
  const { player, die } = story;
  const isNew = !issue.assigned && issue.open && !story.model.done.has(issue.key);
  if (isNew && die.chance(0.6)) return () => player.assign(issue);
  const number = die.below(100);
  if (number < 40) {
    changeEdgesOf(story, issue);
    return () => player.edited(issue);
  }
  if (number < 60) {
    changeDependencies(story, issue);
    return () => player.poll(issue);
  }
  if (number < 70) return () => unblockOne(story, issue);
  if (number < 85) return () => retry(story, issue);
  if (number < 89) return () => player.say(issue, "/cancel");
  if (number < 93) return () => player.unassign(issue);
  if (number < 95 && !issue.assigned) return () => player.close(issue);
  return () => driveAll(story);
}

function changeEdge(story: Story): void {
  const issue = story.die.of(story.model.issues);
  if (story.die.chance(0.7)) changeEdgesOf(story, issue);
  else changeDependencies(story, issue);
}

function changeEdgesOf({ die, model }: Story, issue: ModelIssue): void {
  toggle(die.chance(0.7) ? issue.blockedBy : issue.blocks, issue, die.of(model.issues));
}

function changeDependencies({ die, model }: Story, issue: ModelIssue): void {
  toggle(issue.dependencies, issue, die.of(model.issues));
}

function toggle(set: Set<string>, issue: ModelIssue, other: ModelIssue): void {
  if (other === issue) return;
  if (!set.delete(other.key)) set.add(other.key);
}

async function unblockOne({ player, model, die }: Story, issue: ModelIssue): Promise<void> {
  const unmet = model.unmet(issue.key, await player.met());
  if (unmet.length > 0) await player.unblock(issue, die.of(unmet));
}

/** By an approver's word, or in the board. */
async function retry({ player, queue, die }: Story, issue: ModelIssue): Promise<void> {
  const id = (await player.itemOf(issue.key))?.id;
  const failed = queue.failed().find(({ plan }) => plan.item === id);
  if (failed !== undefined && die.chance(0.5)) queue.retry(failed);
  else await player.say(issue, "/retry");
}

async function driveAll({ player, world, model }: Story): Promise<void> {
  for (const { key } of model.issues) {
    const item = await player.itemOf(key);
    if (item !== null) await driveOutbox(world, item.id);
  }
}

/** Trackers are asked, sweeps come by, and all jobs are worked off. */
async function rest(story: Story): Promise<void> {
  const { world, queue, player, model, die } = story;
  player.failing = 0;
  const workOff = async () => {
    await admit(world);
    for (let ready = queue.ready(); ready.length > 0; ready = queue.ready()) {
      await player.work(die.of(ready));
      if (queue.ready().length === 0) await admit(world);
    }
  };
  await driveAll(story);
  await workOff();
  for (const issue of model.issues) await player.poll(issue);
  await driveAll(story);
  await workOff();
}

/** Where nothing moves any more, whoever stands still has a reason, and was told. */
async function lookAround({ player, model, world, statuses }: Story): Promise<number> {
  const met = await player.met();
  let loops = 0;
  for (const { key } of model.issues) {
    const item = await player.itemOf(key);
    if (item === null) continue;
    statuses.add(item.status);
    if (isFinished(item)) continue;
    const unmet = model.unmet(key, met).sort();
    const found = [...(await world.graph.unmet(key))].sort();
    const wrong = (what: string) => player.broken.push(`${item.id} (${item.status}) ${what}`);
    if (found.join() !== unmet.join()) wrong(`waits for [${found}] and not for [${unmet}]`);
    if (item.status === "running") wrong("is at work, and nobody works");
    if (unmet.length === 0 && item.status === "waiting") wrong(`could go on: ${item.reason}`);
    const holds = (item.holds ?? []).map(({ id }) => id);
    const onLoop = model.isOnLoop(key, met);
    if (onLoop) loops += 1;
    const told = holds.filter((id) => id.startsWith("loop ")).map((id) => id.split(" ").slice(1));
    if (onLoop && told.length === 0) wrong("waits on a loop and wasn't told");
    for (const loop of told) {
      // Through an item that has ended edges may lead that nobody asks after any more.
      if (!(await world.graph.loops.stands(loop))) wrong("was told of a loop that is broken");
    }
    for (const blocker of model.issues) {
      const status = (await player.itemOf(blocker.key))?.status ?? null;
      const stopped = status === "failed" || status === "blocked" || status === "cancelled";
      const stops = holds.filter((id) => id.startsWith(`stopped ${blocker.key} `));
      const due = stopped && unmet.includes(blocker.key);
      // Whoever was told that it was cancelled still waits while nobody carries it.
      if (status === null && unmet.includes(blocker.key)) continue;
      const right = due ? stops.join() === `stopped ${blocker.key} ${status}` : stops.length === 0;
      if (!right) wrong(`was told [${stops}], and ${blocker.key} is ${status}`);
    }
  }
  return loops;
}

/** Somebody sees to all that keeps anybody: then whatever isn't cancelled comes to its end. */
async function release(story: Story): Promise<void> {
  const { player, model } = story;
  for (let rounds = model.issues.length + 2; rounds > 0; rounds -= 1) {
    let left = 0;
    for (const issue of model.issues) left += (await seeTo(story, issue)) ? 1 : 0;
    if (left === 0) return;
    await rest(story);
  }
  for (const { key } of model.issues) {
    const item = await player.itemOf(key);
    if (item === null || isFinished(item)) continue;
    player.broken.push(`${item.id} never ends: ${item.stage}, ${item.status}, ${item.reason}`);
  }
}

/** False: nothing is left to be done for it. */
async function seeTo({ player, model }: Story, issue: ModelIssue): Promise<boolean> {
  const item = await player.itemOf(issue.key);
  if (item === null || isFinished(item)) return false;
  if (item.status !== "waiting") await player.say(issue, "/retry");
  const met = await player.met();
  for (const blocker of model.unmet(issue.key, met)) {
    const other = await player.itemOf(blocker);
    const stuck = other === null || other.status === "cancelled";
    if (stuck || model.isOnLoop(issue.key, met)) await player.unblock(issue, blocker);
  }
  return true;
}
