import { giteaIssueKey } from "../src/domain/issue.js";
import { slotLimits } from "../src/engine/admission.js";
import { deliveryJobId } from "../src/queue/producers.js";
import { readDelivery } from "../src/webhooks/ingest.js";
import { recordsOf } from "../tests/support/audit.js";
import { allItems } from "./all-items.js";
import { recoveredIn } from "./recovered.js";
import type { FiledIssue, SeenComment, SeenMerge, SentDelivery, Snapshot } from "./snapshot.js";
import { strangers } from "./strangers.js";
import { unfinishedJobs } from "./unfinished-jobs.js";
import { whatIsHeld } from "./what-is-held.js";
import type { Carried } from "./world/courier.js";
import { BOT, CAP, PROJECTS } from "./world/projects.js";
import type { World } from "./world/world.js";

const TAKEN = ["accepted", "success", "duplicate"];

/** Reads Redis, the remotes, the tracker and the processes. */
export async function takeSnapshot(world: World, issues: readonly FiledIssue[]): Promise<Snapshot> {
  const { store, gitea, config } = world;
  const found = await allItems(store.items);
  const [items, owners, branches, merges, deliveries, jobs, held, lost, recovered] =
    await Promise.all([
      Promise.all(found.map(({ id }) => recordsOf(store, id))),
      ownersOf(world, issues),
      branchesOf(world),
      mergesOf(world),
      Promise.all(world.courier.carried.map((delivery) => sentDelivery(world, delivery))),
      unfinishedJobs(store.queues),
      whatIsHeld(world.redis.admin, store.prefix, Date.now()),
      strangers(world.folder, [...world.fleet.pids(), world.redis.pid()]),
      recoveredIn(store.redis, store.prefix),
    ]);
  const pullRequests = PROJECTS.flatMap(({ repo }) => gitea.pullRequests(repo));
  return {
    pipelines: config.fleet.pipelines,
    cap: CAP,
    limits: slotLimits(config.fleet),
    bot: BOT,
    approvers: config.fleet.approvers,
    merging: PROJECTS.filter(({ merges }) => merges).map(({ name }) => name),
    issues,
    deliveries,
    items,
    owners,
    pullRequests,
    merges,
    comments: commentsOf(world),
    branches,
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

async function branchesOf({ remotes }: World): Promise<Record<string, string>> {
  const lists = await Promise.all(
    PROJECTS.map(({ name }) =>
      remotes[name].git("for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads"),
    ),
  );
  const lines = lists.flatMap((list) => list.split("\n").filter(Boolean));
  return Object.fromEntries(lines.map((line) => line.split(" ")));
}

/** As the double words them: `Merge <branch>`. */
async function mergesOf({ remotes }: World): Promise<readonly SeenMerge[]> {
  const form = ["--first-parent", "--merges", "--reverse", "--format=%s %P", "main"];
  const lists = await Promise.all(PROJECTS.map(({ name }) => remotes[name].git("log", ...form)));
  const lines = lists.flatMap((list) => list.split("\n").filter(Boolean));
  return lines.map((line) => {
    const [, branch = "", , commit = ""] = line.split(" ");
    return { branch, commit };
  });
}

/** One that holds no work is answered so, and needs no job. */
async function sentDelivery(world: World, delivery: Carried): Promise<SentDelivery> {
  const { fingerprint, headers, body, answers } = delivery;
  const { reading } = readDelivery("gitea", headers, JSON.parse(body), world.config.fleet);
  const taken = answers.some(({ status, said }) => status === 200 && TAKEN.includes(said));
  const queue = world.store.queues.get("deliveries");
  const state = await queue.getJobState(deliveryJobId(fingerprint));
  return {
    fingerprint,
    event: headers["x-gitea-event-type"] ?? "",
    acknowledged: taken && reading.kind === "event",
    job: state === "unknown" ? null : state,
  };
}

function commentsOf({ gitea }: World): readonly SeenComment[] {
  const numbers = PROJECTS.flatMap(({ repo }) => [
    ...gitea.issues.filter((issue) => issue.repo === repo).map(({ number }) => ({ repo, number })),
    ...gitea.pullRequests(repo).map(({ number }) => ({ repo, number })),
  ]);
  return numbers.flatMap(({ repo, number }) =>
    gitea.comments(repo, number).map(({ id, author, body }) => ({
      id: String(id),
      issue: giteaIssueKey(repo, number),
      author,
      body,
    })),
  );
}
