import { describe, expect, it } from "vitest";
import {
  heard,
  reconcileAndTakeIn,
  reconcileOnce,
  recoveredIn,
  recoveries,
} from "../support/reconciling.js";
import { APPROVER, BOT, REPO, type RunningFleet, runFleet } from "../support/running-fleet.js";

const LANDER = "acme/lander";
const MIXER = "acme/mixer";
const CHECKED = {
  pipelines: { checked: [{ stage: "development", agent: "developer", gate: "ci-green" }] },
  gates: {
    "tests-local": { command: ["true"], timeoutMinutes: 1 },
    "ci-green": { contexts: ["build"] },
  },
};

/**
 * Issues 11 and 12 of rocket wait for issue 21, which nobody carries; issue 13 of lander waits for an
 * approval; issue 14 of mixer for CI.
 */
async function fleetAtRest(): Promise<RunningFleet> {
  const fleet = await runFleet({
    projects: { [REPO]: {}, [LANDER]: { pipeline: "full" }, [MIXER]: { pipeline: "checked" } },
    file: CHECKED,
  });
  for (const number of [20, 21]) {
    fleet.gitea.addIssue({ repo: REPO, number, title: `Issue ${number}`, author: APPROVER });
  }
  fleet.assignedIssue({ number: 11, body: "- Blocked by: #21\n" });
  fleet.assignedIssue({ number: 12, body: "- Blocked by: #21\n" });
  fleet.assignedIssue({ number: 13, repo: LANDER });
  fleet.assignedIssue({ number: 14, repo: MIXER });
  await fleet.untilItem(11, ({ status }) => status === "waiting");
  await fleet.untilItem(12, ({ status }) => status === "waiting");
  await fleet.untilItem(13, ({ status }) => status === "awaiting-approval", LANDER);
  await fleet.untilItem(14, ({ consumed }) => consumed.length > 0, MIXER);
  await heard(fleet);
  return fleet;
}

/** All that happens while nobody listens. */
async function fiveThings({ gitea, untilItem }: RunningFleet): Promise<void> {
  const { head } = await untilItem(14, () => true, MIXER);
  gitea.addIssue({ repo: REPO, number: 10, title: "Late", author: APPROVER, assignees: [BOT] });
  gitea.close(REPO, 11);
  gitea.edit(REPO, 12, { body: "- Blocked by: #21\n- Blocked by: #20\n" });
  gitea.humanComment(LANDER, 13, APPROVER, ":approved:");
  gitea.setStatus(MIXER, head ?? "", "build", "success");
}

const EACH_ONCE = {
  "issue-started": 1,
  "issue-ended": 1,
  "issue-edited": 1,
  comment: 1,
  checks: 1,
};

async function allTookEffect(fleet: RunningFleet): Promise<void> {
  await fleet.untilItem(10, ({ status }) => status === "done");
  await fleet.untilItem(11, ({ status }) => status === "cancelled");
  const edited = await fleet.untilItem(12, () => true);
  expect(await fleet.store.items.waitingOn(edited.id)).toContain("gitea:acme/rocket#20");
  await fleet.untilItem(13, ({ status }) => status === "done", LANDER);
  await fleet.untilItem(14, ({ status }) => status === "done", MIXER);
  expect(await recoveredIn(fleet)).toEqual(EACH_ONCE);
}

/** What must not grow when the same is told again. */
async function everythingSaid(fleet: RunningFleet) {
  const ids = fleet.transitions.map(({ item }) => item.id);
  const told = [...new Set(ids)].sort().map(async (id) => {
    const item = await fleet.store.items.find(id);
    const { length } = await fleet.store.items.history(id);
    return { id, version: item?.version, stage: item?.stage, status: item?.status, length };
  });
  const comments = [REPO, LANDER, MIXER].flatMap((repo) =>
    [10, 11, 12, 13, 14].map((issue) => fleet.gitea.comments(repo, issue).length),
  );
  return { items: await Promise.all(told), comments, started: fleet.started.length };
}

describe("the reconciler", () => {
  it("brings to effect in one round what happened while nobody listened, and late webhooks change nothing", async () => {
    const fleet = await fleetAtRest();
    const sendLate = fleet.gitea.holdDeliveries();
    await fiveThings(fleet);
    expect(await reconcileOnce(fleet)).toEqual({ failed: 0, retryAfterMs: null });
    await allTookEffect(fleet);
    await fleet.untilQuiet();
    for (const issue of [10, 11, 12]) {
      const { id } = await fleet.untilItem(issue, () => true);
      expect(await recoveries(fleet, id)).toHaveLength(1);
    }
    const before = await everythingSaid(fleet);

    sendLate();
    await heard(fleet);
    expect(await everythingSaid(fleet)).toEqual(before);
    expect(await recoveredIn(fleet)).toEqual(EACH_ONCE);
  });

  it("finds nothing in a second round right after", async () => {
    const fleet = await fleetAtRest();
    fleet.gitea.setHook(null);
    fleet.gitea.showHook({ url: `${fleet.receiver.url}/webhook/gitea` });
    await fiveThings(fleet);
    await reconcileOnce(fleet);
    await allTookEffect(fleet);
    await fleet.untilQuiet();
    const before = await everythingSaid(fleet);
    expect(await reconcileOnce(fleet)).toEqual({ failed: 0, retryAfterMs: null });
    expect(await everythingSaid(fleet)).toEqual(before);
    expect(await recoveredIn(fleet)).toEqual(EACH_ONCE);
  });

  it("finds nothing where every webhook came", async () => {
    const fleet = await fleetAtRest();
    await fiveThings(fleet);
    await heard(fleet);
    await reconcileOnce(fleet);
    expect(await recoveredIn(fleet)).toEqual({});
  });
});

describe("a tracker with much to tell", () => {
  it("is read over all its pages", async () => {
    const fleet = await runFleet({ pageSize: 40, workers: ["parser"] });
    fleet.gitea.setHook(null);
    fleet.gitea.showHook(null);
    for (let number = 1; number <= 300; number++) {
      fleet.assignedIssue({ number, title: `Issue ${number}` });
    }
    expect(await reconcileAndTakeIn(fleet)).toMatchObject({ failed: 0 });
    expect(await recoveredIn(fleet)).toEqual({ "issue-started": 300 });
    await reconcileAndTakeIn(fleet);
    expect(await recoveredIn(fleet)).toEqual({ "issue-started": 300 });
  });

  const pagesFail = [
    { answer: 500, headers: {}, round: { retryAfterMs: null } },
    { answer: 429, headers: { "retry-after": "7" }, round: { retryAfterMs: 7_000 } },
  ];
  it.each(pagesFail)(
    "is read as far as it answers when it says $answer in the middle, and the next round goes on",
    async ({ answer, headers, round }) => {
      const fleet = await runFleet({ pageSize: 10, workers: ["parser"] });
      fleet.gitea.setHook(null);
      for (let number = 1; number <= 30; number++) fleet.assignedIssue({ number });
      fleet.gitea.failNext(1, answer, headers, /issues\?.*page=2/);
      const asked = fleet.gitea.requests.length;
      expect(await reconcileAndTakeIn(fleet)).toMatchObject({ failed: 1, ...round });
      expect(await recoveredIn(fleet)).toMatchObject({ "issue-started": 10 });
      const others = fleet.gitea.requests.slice(asked).filter((one) => one.includes("/hooks"));
      expect(others).toHaveLength(answer === 500 ? 1 : 0);
      expect(await reconcileAndTakeIn(fleet)).toMatchObject({ failed: 0, retryAfterMs: null });
      expect(await recoveredIn(fleet)).toMatchObject({ "issue-started": 30 });
    },
  );
});
