import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { giteaIssue } from "../../src/demo/gitea-deliveries.js";
import type { DoubleIssue } from "../../src/demo/gitea-state.js";
import { giteaIssueKey } from "../../src/domain/issue.js";
import { write } from "../support/agents.js";
import {
  APPROVER,
  BOT,
  GITEA_SECRET,
  REPO,
  type RunningFleet,
  runFleet,
} from "../support/running-fleet.js";
import { post, redelivered, request, signed } from "../support/signed-request.js";

const ONE_SLOT = { [REPO]: { maxConcurrentRuns: 1 } };

/** An issue that the tracker has but hasn't told us of. */
function untold(fleet: RunningFleet, number: number, body = ""): DoubleIssue {
  fleet.gitea.setHook(null);
  return fleet.gitea.addIssue({
    repo: REPO,
    number,
    title: `Issue ${number}`,
    body,
    author: APPROVER,
    assignees: [BOT],
  });
}

function assignment(fleet: RunningFleet, issue: DoubleIssue) {
  const origin = { url: fleet.gitea.url, repo: REPO, sender: APPROVER };
  const { headers, body } = giteaIssue(origin, "assigned", issue);
  return signed(request("gitea", headers, body), GITEA_SECRET);
}

describe("the order of work", () => {
  const permutations = [
    [100, 101, 102],
    [100, 102, 101],
    [101, 100, 102],
    [101, 102, 100],
    [102, 100, 101],
    [102, 101, 100],
  ];

  it.each(permutations)("is 100, 101, 102 when they arrive as %i, %i, %i", async (...order) => {
    const fleet = await runFleet({ projects: ONE_SLOT });
    const bodies = new Map([[102, "- Blocked by: #101\n"]]);
    const deliveries = new Map(
      [100, 101, 102].map((number) => [
        number,
        assignment(fleet, untold(fleet, number, bodies.get(number))),
      ]),
    );
    await Promise.all(
      order.flatMap((number) => {
        const delivery = deliveries.get(number);
        return delivery === undefined ? [] : [post(fleet.receiver.url, delivery)];
      }),
    );
    for (const number of [100, 101, 102]) {
      await fleet.untilItem(number, ({ status }) => status === "done");
    }
    const titles = await Promise.all(
      fleet.started.map(async ({ item }) => (await fleet.store.items.find(item))?.title),
    );
    expect(titles).toEqual(["Issue 100", "Issue 101", "Issue 102"]);
  });

  it("lets two repositories take turns where one developer serves both", async () => {
    const fleet = await runFleet({
      projects: { [REPO]: {}, "acme/lander": {} },
      file: {
        agents: {
          default: { runner: "scripted", script: "unused" },
          developer: { maxConcurrent: 1 },
        },
      },
      workers: ["parser", "stage", "notifier"],
    });
    for (const number of [1, 2, 3]) {
      for (const repo of [REPO, "acme/lander"]) fleet.assignedIssue({ number, repo });
    }
    await fleet.gitea.settled();
    await fleet.untilItem(3, ({ status }) => status === "waiting", "acme/lander");
    await fleet.start("agent");
    for (const repo of [REPO, "acme/lander"]) {
      await fleet.untilItem(3, ({ status }) => status === "done", repo);
    }
    const served = fleet.started.map(({ item }) => item.slice(0, 2));
    expect(served).toEqual(["ET", "LN", "ET", "LN", "ET", "LN"]);
  });

  it("starts a blocked item when its blocker is done, though a slot was free before", async () => {
    const fleet = await runFleet({ projects: { [REPO]: { maxConcurrentRuns: 3 } } });
    fleet.assignedIssue({ number: 7, body: "- Blocked by: #8\n" });
    fleet.gitea.addIssue({ repo: REPO, number: 8, title: "Issue 8", author: APPROVER });
    await fleet.untilItem(7, ({ status }) => status === "waiting");
    await fleet.untilQuiet();
    expect(fleet.started).toEqual([]);
    fleet.gitea.assign(REPO, 8, BOT);
    await fleet.untilItem(7, ({ status }) => status === "done");
    expect(fleet.started.map(({ branch }) => branch)).toEqual([
      "feature/ET-002-issue-8",
      "feature/ET-001-issue-7",
    ]);
  });
});

it("blockers whose branches conflict block their dependent, which a /retry takes on", async () => {
  const fleet = await runFleet({
    agents: {
      developer: async (context) => {
        await write(context, { "README.md": `# ${context.item}\n` });
        return undefined;
      },
    },
  });
  for (const number of [5, 6]) {
    fleet.assignedIssue({ number });
    await fleet.untilItem(number, ({ status }) => status === "done");
  }
  fleet.assignedIssue({ number: 7, body: "- Blocked by: #5, #6\n" });
  const item = await fleet.untilItem(7, ({ run }) => run !== null && run.ending !== null);
  await fleet.untilQuiet();
  expect(item).toMatchObject({
    status: "blocked",
    reason: expect.stringMatching(
      /feature\/ET-00\d-issue-\d can't be merged: it conflicts in README/,
    ),
    // No agent has worked.
    developerRuns: 0,
  });
  expect(fleet.said(7)).toEqual([expect.stringContaining("it conflicts in README.md")]);
  expect(fleet.started).toHaveLength(2);

  const { branch } = await fleet.untilItem(6, () => true);
  const ours = await fleet.untilItem(5, () => true);
  await fleet.remote.commit(branch, {
    "README.md": (await fleet.remote.read(ours.branch, "README.md")) ?? "",
  });
  fleet.gitea.humanComment(REPO, 7, APPROVER, "/retry");
  expect(await fleet.untilItem(7, ({ status }) => status === "done")).toMatchObject({
    developerRuns: 1,
  });
});

describe("deliveries", () => {
  it("make one item of the same webhook under three ids", async () => {
    const fleet = await runFleet();
    const delivery = assignment(fleet, untold(fleet, 5));
    const answers = await Promise.all(
      [randomUUID(), randomUUID(), randomUUID()].map((id) =>
        post(fleet.receiver.url, redelivered(delivery, id)),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await fleet.untilItem(5, ({ status }) => status === "done");
    await fleet.untilQuiet();
    expect((await fleet.store.items.list({ limit: 10, cursor: null })).items).toHaveLength(1);
    expect(fleet.started).toHaveLength(1);
    const late = await post(fleet.receiver.url, redelivered(delivery, randomUUID()));
    expect(late.body).toMatchObject({ status: "duplicate" });
  });

  it("of one issue are taken in one by one", async () => {
    const fleet = await runFleet();
    const key = giteaIssueKey(REPO, 5);
    const unlock = await fleet.store.locks.take(`issue:${key}`, 60_000);
    await post(fleet.receiver.url, assignment(fleet, untold(fleet, 5)));
    const [job] = await fleet.store.queues.get("deliveries").getJobs();
    await expect.poll(() => job?.isDelayed()).toBe(true);
    expect(await fleet.store.items.ofIssue(key)).toBeNull();
    await unlock?.();
    await fleet.untilItem(5, ({ status }) => status === "done");
  });
});
