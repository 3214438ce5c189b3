import { describe, expect, it } from "vitest";
import { EMPTY_REPORT } from "../../src/domain/run.js";
import { type Agent, write } from "../support/agents.js";
import { retryInBoard } from "../support/board.js";
import { APPROVER, REPO, type RunningFleet, runFleet, STRANGER } from "../support/running-fleet.js";

const CI = ".github/workflows/ci.yml";
const RELEASE = ".gitea/workflows/release.yml";
const RUN = "ET-001-v1-run";

/** Writes the files of its round; the last ones again in every later round. */
const changing =
  (...rounds: readonly (readonly string[])[]): Agent =>
  async (context) => {
    const paths = rounds[Math.min(context.round, rounds.length) - 1] ?? [];
    await write(context, Object.fromEntries(paths.map((path) => [path, `on: push # ${path}\n`])));
    return undefined;
  };

async function failed(fleet: RunningFleet, runs: number): Promise<void> {
  await fleet.untilItem(7, (item) => item.status === "failed" && item.developerRuns === runs);
  await fleet.untilQuiet();
}

const say = (fleet: RunningFleet, who: string, text: string) =>
  fleet.gitea.humanComment(REPO, 7, who, text);

describe("a run that changes protected paths", () => {
  it("fails, and neither the board nor a plain /retry lets the next one do it", async () => {
    const fleet = await runFleet({ agents: { developer: changing([CI, "src/x.txt"]) } });
    fleet.assignedIssue({ number: 7 });
    await failed(fleet, 1);
    expect(fleet.said(7).at(-1)).toContain(CI);
    expect(fleet.said(7).at(-1)).toContain("`/retry protected`");
    expect(await retryInBoard(fleet, "runs", RUN)).toBe(204);
    await failed(fleet, 2);
    say(fleet, APPROVER, "/retry");
    await failed(fleet, 3);
    say(fleet, STRANGER, "/retry protected");
    await fleet.untilQuiet();
    await failed(fleet, 3);

    say(fleet, APPROVER, "/retry protected");
    const item = await fleet.untilItem(7, ({ status }) => status === "done");
    expect(await fleet.remote.read(item.branch, CI)).toBe(`on: push # ${CI}\n`);
    expect(item.developerRuns).toBe(4);
  });

  it("may change exactly what was allowed, and only in the run it was allowed for", async () => {
    const fleet = await runFleet({ agents: { developer: changing([CI], [CI, RELEASE]) } });
    fleet.assignedIssue({ number: 7 });
    await failed(fleet, 1);
    say(fleet, APPROVER, "/retry protected");
    await failed(fleet, 2);
    const item = await fleet.untilItem(7, () => true);
    expect(item.allowedPaths).toEqual([CI]);
    expect(item.reason).toContain(RELEASE);
    expect(await fleet.remote.read(item.branch, CI)).toBeNull();
    say(fleet, APPROVER, "/retry");
    await failed(fleet, 3);
    expect((await fleet.untilItem(7, () => true)).allowedPaths).toEqual([]);
    say(fleet, APPROVER, "/retry protected");
    const done = await fleet.untilItem(7, ({ status }) => status === "done");
    expect(done.allowedPaths).toEqual([]);
    expect(await fleet.remote.files(done.branch)).toEqual(expect.arrayContaining([CI, RELEASE]));
  });

  it("is what /retry protected is about: elsewhere it is refused in words", async () => {
    const fleet = await runFleet({
      agents: { developer: async () => ({ kind: "failed", reason: "no", report: EMPTY_REPORT }) },
    });
    fleet.assignedIssue({ number: 7 });
    await failed(fleet, 1);
    say(fleet, APPROVER, "/retry protected");
    await fleet.untilItem(7, ({ heard }) => heard.length > 0);
    await fleet.untilQuiet();
    expect(fleet.said(7).at(-1)).toContain("nothing to allow");
    expect(fleet.started).toHaveLength(1);
  });
});
