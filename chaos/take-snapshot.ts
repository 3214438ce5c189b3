import { type IssueKey, planeIssueKey } from "../src/domain/issue.js";
import { slotLimits } from "../src/engine/admission.js";
import { deliveryJobId } from "../src/queue/producers.js";
import { readDelivery } from "../src/webhooks/ingest.js";
import { recordsOf } from "../tests/support/audit.js";
import { allItems } from "./all-items.js";
import { endingsHeard } from "./endings-heard.js";
import type { PlannedIssue } from "./load/issues.js";
import { mergesIn } from "./merges-in.js";
import { commitsIn, fencesIn } from "./pushes-in.js";
import { recoveredIn } from "./recovered.js";
import type { FiledIssue, SeenComment, SentDelivery, Snapshot } from "./snapshot.js";
import { strangers } from "./strangers.js";
import { unfinishedJobs } from "./unfinished-jobs.js";
import { whatIsHeld } from "./what-is-held.js";
import { commentsOn } from "./world/comments.js";
import type { Carried } from "./world/courier.js";
import { APPROVER, BOT, CAP, PROJECTS, REPOS } from "./world/projects.js";
import type { World } from "./world/world.js";

const TAKEN = ["accepted", "success", "duplicate"];

/** Reads Redis, the remotes, the trackers and the processes. */
export async function takeSnapshot(
  world: World,
  issues: readonly PlannedIssue[],
): Promise<Snapshot> {
  const { store, gitea, config } = world;
  const found = await allItems(store.items);
  const [items, owners, code, deliveries, endings, jobs, held, lost, recovered] = await Promise.all(
    [
      Promise.all(found.map(({ id }) => recordsOf(store, id))),
      ownersOf(world, issues),
      codeOf(world),
      Promise.all(world.courier.carried.map((delivery) => sentDelivery(world, delivery))),
      endingsHeard(store.queues, config.fleet),
      unfinishedJobs(store.queues),
      whatIsHeld(world.redis.admin, store.prefix, Date.now()),
      strangers(world.folder, [...world.fleet.pids(), world.redis.pid()]),
      recoveredIn(store.redis, store.prefix),
    ],
  );
  const pullRequests = REPOS.flatMap((repo) => gitea.pullRequests(repo));
  return {
    pipelines: config.fleet.pipelines,
    cap: CAP,
    limits: slotLimits(config.fleet),
    bot: BOT,
    approvers: [APPROVER],
    merging: PROJECTS.filter(({ merges }) => merges).map(({ name }) => name),
    issues,
    deliveries,
    endings,
    items,
    owners,
    pullRequests,
    ...code,
    comments: commentsOf(world, issues),
    board: boardOf(world),
    jobs,
    held,
    strangers: lost,
    recovered,
  };
}

async function ownersOf({ store }: World, issues: readonly FiledIssue[]) {
  const named = await Promise.all(
    issues.map(async ({ key }) => [key, await store.items.ofIssue(key)] as const),
  );
  return Object.fromEntries(named.flatMap(([key, id]) => (id === null ? [] : [[key, id]])));
}

/** What the remotes themselves say. */
async function codeOf(world: World) {
  const remotes = PROJECTS.map(({ name }) => world.remotes[name]);
  const [branches, merges, commits, fences] = await Promise.all([
    branchesOf(world),
    Promise.all(remotes.map(mergesIn)),
    Promise.all(remotes.map(commitsIn)),
    Promise.all(remotes.map(fencesIn)),
  ]);
  return {
    branches,
    merges: merges.flat(),
    commits: mergedRecords(commits),
    fences: mergedRecords(fences),
  };
}

/** No two items or branches of items share a name; what does, as `main`, is no item's. */
function mergedRecords<T>(records: readonly Readonly<Record<string, T>>[]): Record<string, T> {
  return Object.fromEntries(records.flatMap((record) => Object.entries(record)));
}

async function branchesOf({ remotes }: World): Promise<Record<string, string>> {
  const lists = await Promise.all(
    PROJECTS.map(({ name }) =>
      remotes[name].git("for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads"),
    ),
  );
  const lines = lists.flatMap((list) => list.split("\n").filter(Boolean));
  return Object.fromEntries(lines.map((line) => line.split(" ")));
}

/** One that holds no work is answered so, and needs no job. */
async function sentDelivery(world: World, delivery: Carried): Promise<SentDelivery> {
  const { source, fingerprint, headers, body, answers } = delivery;
  const { event, reading } = readDelivery(source, headers, JSON.parse(body), world.config.fleet);
  const taken = answers.some(({ status, said }) => status === 200 && TAKEN.includes(said));
  const queue = world.store.queues.get("deliveries");
  const state = await queue.getJobState(deliveryJobId(fingerprint));
  return {
    fingerprint,
    event: event ?? "",
    acknowledged: taken && reading.kind === "event",
    job: state === "unknown" ? null : state,
  };
}

/** On issues of both trackers, and on pull requests. */
function commentsOf(world: World, issues: readonly PlannedIssue[]): readonly SeenComment[] {
  const pulls = REPOS.flatMap((repo) =>
    world.gitea
      .pullRequests(repo)
      .map(({ number }) => ({ tracker: "gitea", repo, number }) as const),
  );
  return [...issues.map(({ address }) => address), ...pulls].flatMap((one) =>
    commentsOn(world, one),
  );
}

function boardOf({ plane }: World): Readonly<Record<IssueKey, string>> {
  return Object.fromEntries(
    plane.issues.map(({ project, id, state }) => [planeIssueKey(project, id), state.name]),
  );
}
