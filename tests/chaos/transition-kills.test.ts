import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { giteaIssueKey } from "../../src/domain/issue.js";
import type { WorkItem } from "../../src/domain/work-item.js";
import { RUN_LEASE_MS } from "../../src/engine/slots.js";
import { budgetKeys } from "../../src/redis/keys.js";
import { recordsOf, violations } from "../support/audit.js";
import {
  APPROVER,
  BOT,
  CAP,
  type ChaosFleet,
  type KillPoint,
  openChaosFleet,
  type PipelineName,
} from "../support/chaos-fleet.js";
import { until } from "../support/processes.js";
import { untilQuiet } from "../support/running-fleet.js";

/** How often a worker is killed at each point. */
const KILLS = Number(process.env.STAGECOACH_TEST_KILLS ?? 20);
/** Every so many kills the next worker is killed, too: there again, or as it cleans up. */
const TWICE_EVERY = 4;
const CLEANING_UP = { call: "items.strikeOff", when: "before" } as const;
/** Fleets at work at once; they mostly wait for locks of the dead to end. */
const LANES = Math.min(5, KILLS);
const TIMEOUT_MS = 600_000;

interface Scenario {
  readonly pipeline: PipelineName;
  readonly title: string;
  /** What a person does once the item is there. */
  readonly person?: {
    readonly when: (item: WorkItem) => boolean;
    readonly act: (fleet: ChaosFleet, repo: string, number: number) => void;
  };
  readonly dependent?: true;
  readonly end: Partial<WorkItem>;
  /** Stage moves and commands of its history. */
  readonly history: readonly string[];
  /** What the comments on its issue say. */
  readonly said: readonly string[];
  readonly pullRequests: number;
}

const START = "started: null → development";
const DONE = { stage: "done", status: "done" } as const;

const QUICK: Scenario = {
  pipeline: "quick",
  title: "Plain",
  end: DONE,
  history: [START, "transition: development → done"],
  said: ["is done"],
  pullRequests: 0,
};
const BLOCKER: Scenario = { ...QUICK, dependent: true };
const REVIEWED: Scenario = {
  ...QUICK,
  pipeline: "reviewed",
  history: [START, "transition: development → review", "transition: review → done"],
  pullRequests: 1,
};
const REWORK: Scenario = {
  ...REVIEWED,
  title: "Rework",
  history: [
    START,
    "transition: development → review",
    "transition: review → development",
    "transition: development → review",
    "transition: review → done",
  ],
  said: ["goes back to development", "is done"],
};
const HOPELESS: Scenario = {
  ...REWORK,
  title: "Hopeless",
  end: { stage: "development", status: "blocked", developerRuns: CAP },
  history: [...REWORK.history.slice(0, -1), "transition: review → development"],
  said: ["goes back to development", "is blocked"],
};
const APPROVAL: Scenario = {
  pipeline: "analysed",
  title: "Plain",
  person: {
    when: ({ status }) => status === "awaiting-approval",
    act: ({ gitea }, repo, number) => {
      gitea.humanComment(repo, number, APPROVER, ":approved:");
    },
  },
  end: DONE,
  history: ["started: null → analysis", "command: analysis → null", "transition: analysis → done"],
  said: ["is ready at commit", "is done"],
  pullRequests: 0,
};
const CANCEL: Scenario = {
  ...QUICK,
  title: "Endless",
  person: {
    when: ({ run }) => run?.ending === null,
    act: ({ gitea }, repo, number) => gitea.close(repo, number),
  },
  end: { stage: "development", status: "cancelled" },
  history: [START, "transition: development → development"],
  said: [],
};

const write = (what: string, when: "before" | "after" = "after"): KillPoint => ({
  call: what === "started" ? "items.create" : "items.transition",
  when,
  what,
});
const call = (name: string, when: "before" | "after", what?: string): KillPoint => ({
  call: name,
  when,
  ...(what === undefined ? {} : { what }),
});

const POINTS: readonly (readonly [string, Scenario, KillPoint])[] = [
  ["the start of an item is about to be written", QUICK, write("started", "before")],
  ["the start of an item is written", QUICK, write("started")],
  ["an item is ready, its flow about to be added", QUICK, call("flows.add", "before")],
  ["a flow is added, not struck off", QUICK, call("flows.add", "after")],
  [
    "a slot is granted, its job not promoted",
    // A flow that is added to a granted slot starts with it: only who was there before is promoted.
    BLOCKER,
    call("flows.promote", "before", '"queue":"slots"'),
  ],
  [
    "a slot's job is promoted, its grant not confirmed",
    BLOCKER,
    call("flows.promote", "after", '"queue":"slots"'),
  ],
  ["the start of a run is written", QUICK, write("run started")],
  ["a run's work is about to be pushed", QUICK, call("checkout.push", "before")],
  ["a run's work is pushed, its end not written", QUICK, call("checkout.push", "after")],
  ["the end of a run is about to be written", QUICK, write("run ended", "before")],
  ["the end of a run is written", QUICK, write("run ended")],
  ["a slot is released, not struck off", QUICK, call("slots.release", "after")],
  ["a verdict is written", REVIEWED, write("verdict")],
  ["an advance is about to be written", REVIEWED, write("advance", "before")],
  ["an advance is written", REVIEWED, write("advance")],
  ["a pull request is opened", REVIEWED, call("forge.openPullRequest", "after")],
  ["a rollback is written", REWORK, write("rollback")],
  ["the request for an approval is written", APPROVAL, write("ask-approval")],
  ["an approval is written", APPROVAL, write("approval")],
  ["the cap is reached and written", HOPELESS, write("capped")],
  ["done is written", BLOCKER, write("done")],
  ["dependents are met, not promoted", BLOCKER, call("graph.meet", "after")],
  ["a comment is queued, not struck off", QUICK, call("notifications.add", "after", "is done")],
  ["a comment is posted", QUICK, call("tracker.comment", "after")],
  ["a cancellation is written", CANCEL, write("cancel")],
  ["a cancelled flow is discarded, not struck off", CANCEL, call("flows.discard", "after")],
];

const lanes: ChaosFleet[] = [];

beforeAll(async () => {
  lanes.push(...(await Promise.all(Array.from({ length: LANES }, openChaosFleet))));
}, TIMEOUT_MS);

afterAll(async () => {
  await Promise.all(lanes.map((lane) => lane.close()));
});

describe(`a worker killed ${KILLS} times at each point, every ${TWICE_EVERY}th time twice in a row`, () => {
  it.each(POINTS)(
    "where %s: one move, one flow, one comment, one pull request",
    async (_name, scenario, point) => {
      const tries = Array.from({ length: KILLS }, (_, index) => index + 1);
      // All are waited for, so that no lane is closed under one that is still at work.
      const outcomes = await Promise.allSettled(
        lanes.map(async (fleet) => {
          for (let next = tries.shift(); next !== undefined; next = tries.shift()) {
            await surviving(fleet, scenario, point, next % TWICE_EVERY === 0);
          }
        }),
      );
      const failed = outcomes.find(({ status }) => status === "rejected");
      if (failed?.status === "rejected") throw failed.reason;
    },
    TIMEOUT_MS,
  );
});

async function surviving(
  fleet: ChaosFleet,
  scenario: Scenario,
  point: KillPoint,
  twice: boolean,
): Promise<void> {
  const repo = `acme/${scenario.pipeline}`;
  const file = (body: string) =>
    fleet.gitea.addIssue({ repo, title: scenario.title, body, assignees: [BOT] }).number;
  const number = file("");
  const numbers = scenario.dependent ? [number, file(`Blocked by: #${number}`)] : [number];
  await fleet.gitea.settled();
  const person = personActs(fleet, scenario, repo, number);
  try {
    await fleet.victim(point);
    if (twice) {
      await fleet.letGo();
      await fleet.victim(point, CLEANING_UP);
    }
    const stop = await fleet.takeOver();
    try {
      await person;
      for (const each of numbers) await ended(fleet, scenario, repo, each);
      await untilQuiet(fleet.store);
      for (const each of numbers) await audit(fleet, scenario, repo, each);
    } finally {
      await stop();
    }
  } finally {
    await Promise.allSettled([person]);
  }
}

async function itemOf(fleet: ChaosFleet, repo: string, number: number): Promise<WorkItem | null> {
  const id = await fleet.store.items.ofIssue(giteaIssueKey(repo, number));
  return id === null ? null : fleet.store.items.find(id);
}

async function personActs(
  fleet: ChaosFleet,
  { person }: Scenario,
  repo: string,
  number: number,
): Promise<void> {
  if (person === undefined) return;
  await until("the item a person waits for", async () => {
    const item = await itemOf(fleet, repo, number);
    return item !== null && person.when(item);
  });
  person.act(fleet, repo, number);
  await fleet.gitea.settled();
}

async function ended(
  fleet: ChaosFleet,
  { end }: Scenario,
  repo: string,
  number: number,
): Promise<void> {
  let seen: WorkItem | null = null;
  await until("the item's end", async () => {
    seen = await itemOf(fleet, repo, number);
    return seen?.status === end.status;
  }).catch((error: Error) => {
    throw new Error(`${error.message}; it is ${JSON.stringify(seen, null, 1)}`);
  });
}

async function audit(
  fleet: ChaosFleet,
  scenario: Scenario,
  repo: string,
  number: number,
): Promise<void> {
  const { store, gitea, parts } = fleet;
  const id = (await itemOf(fleet, repo, number))?.id ?? "";
  const records = await recordsOf(store, id);
  const { item, history } = records;
  const pipeline = parts.config.fleet.pipelines[item.pipeline];
  if (pipeline === undefined) throw new Error(`there is no pipeline ${item.pipeline}`);
  expect(violations(records, pipeline, CAP)).toEqual([]);
  expect(item).toMatchObject(scenario.end);
  const moves = history.filter(({ kind }) => kind !== "run" && kind !== "verdict");
  expect(moves.map(({ kind, from, to }) => `${kind}: ${from} → ${to}`)).toEqual(scenario.history);
  if (scenario.end.status === "done") {
    expect(item.head).toBe(await fleet.remote.ref(`refs/heads/${item.branch}`));
  }

  const comments = gitea.comments(repo, number).filter(({ author }) => author === BOT);
  const marks = comments.map(({ body }) => body.split("\n", 1)[0] ?? "");
  expect(marks, "a comment was posted twice").toEqual([...new Set(marks)]);
  const said = comments.filter(({ body }) => !body.includes("stagecoach:status:"));
  // In no order: one whose poster was killed appears when that job's lock has ended, after later ones.
  expect(said).toHaveLength(scenario.said.length);
  for (const text of scenario.said) {
    expect(said.map(({ body }) => body)).toContainEqual(expect.stringContaining(text));
  }
  const pulls = gitea.pullRequests(repo).filter(({ head }) => head === item.branch);
  expect(pulls).toHaveLength(scenario.pullRequests);
  if (item.status === "cancelled") await endLeases(store);
  expect(await slotsHeld(store)).toEqual([]);
  expect(await budgetsHeld(store)).toEqual({});
  // Every version that launched an agent had one flow of its own; that of a cancelled one may be gone.
  const launched = [...new Set(records.runs.map(({ version }) => version))].sort((a, b) => a - b);
  const flows = await runFlows(store, id);
  if (item.status === "cancelled") expect(launched).toEqual(expect.arrayContaining(flows));
  else expect(flows).toEqual(launched);
}

/** The slot of a cancelled run whose worker died is kept until its lease has run out: as if it had. */
async function endLeases({ slots }: ChaosFleet["store"]): Promise<void> {
  expect((await slots.admit(Date.now() + RUN_LEASE_MS)).grants).toEqual([]);
}

/** All that is left of slots in the fleet, whoever held them. */
async function slotsHeld({ redis, prefix }: ChaosFleet["store"]): Promise<string[]> {
  const keys = await redis.keys(`${prefix.replace(/[{}]/g, "?")}:slots:*`);
  return keys.filter((key) => !key.includes(":queue:"));
}

/** What runs hold of budgets, by run. */
function budgetsHeld({ redis, prefix }: ChaosFleet["store"]): Promise<Record<string, string>> {
  return redis.hgetall(budgetKeys(prefix).open);
}

/** Versions of an item that a flow with a run was added for. */
async function runFlows({ queues }: ChaosFleet["store"], id: string): Promise<number[]> {
  const jobs = await queues.get("runs").getJobs();
  return jobs
    .map((job) => job.data as { item: string; version: number })
    .filter(({ item }) => item === id)
    .map(({ version }) => version)
    .sort((a, b) => a - b);
}
