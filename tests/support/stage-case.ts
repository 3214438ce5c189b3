import { expect } from "vitest";
import { filed, inOrder } from "./people-acts.js";
import { type Row, STEPS, type Step, start } from "./table-row.js";
import type { Place, WatchedFleet } from "./watched-fleet.js";

/** A gate that fails stays so: nobody works again behind our back. */
const ONE_RUN = { limits: { developerRuns: 1 } };

/** One way through, or not through, the gate of a stage. */
export interface Case {
  readonly row: string;
  readonly step: Step;
  readonly given?: Pick<Row["given"], "agents" | "file" | "project">;
  /** What people and CI do after its agent has finished. */
  readonly acts?: Row["when"];
  /** Of the gate's last verdict. */
  readonly reason: string;
  /** Every agent that starts. */
  readonly launched: readonly string[];
}

const ORDER: readonly string[] = [...Object.values(STEPS).map(({ stage }) => stage), "done"];
const after = (stage: string) => ORDER[ORDER.indexOf(stage) + 1] ?? "";

/** A fleet whose pipeline is the stage with its neighbours, once the case has happened. */
async function carried(one: Case, place: Place): Promise<WatchedFleet> {
  const { step, given = {}, acts = async () => undefined } = one;
  // What is reviewed must be there: its pull request is opened before the reviewer starts.
  const earlier = step.stage === "review" ? [STEPS.development] : [];
  const next = Object.values(STEPS).filter(({ stage }) => stage === after(step.stage));
  const file = { ...ONE_RUN, ...given.file };
  const watched = await start({ ...given, file, steps: [...earlier, step, ...next] }, place);
  await inOrder(filed, acts)(watched);
  return watched;
}

/** What the history says of the stage: its gate's last verdict, and where the item went from it. */
async function historyOf(stage: string, { fleet }: WatchedFleet) {
  const history = (await fleet.store.items.history("ET-001")).filter(({ from }) => from === stage);
  const verdict = history.findLast(({ kind }) => kind === "verdict");
  return {
    verdict,
    moves: history.filter(({ kind }) => kind === "transition").map(({ to }) => to),
  };
}

/** The gate passed, the item went on, and the agent of the next stage was launched. */
export async function expectPassed(one: Case, place: Place = "Gitea"): Promise<void> {
  const { stage, gate = "" } = one.step;
  const watched = await carried(one, place);
  const { verdict, moves } = await historyOf(stage, watched);
  expect(verdict).toMatchObject({ gate, passed: true });
  expect(verdict?.reason).toContain(one.reason);
  expect(moves).toEqual([after(stage)]);
  await expectOnBranch(watched, verdict?.commit);
  expect(watched.fleet.started.map(({ role }) => role)).toEqual(one.launched);

  const item = await watched.item();
  expect(item).toMatchObject({ stage: "done", status: "done", reason: "All stages passed." });
  expect(watched.messages().filter((text) => text.includes(`${stage} → `))).toEqual([
    expect.stringContaining(`${stage} → ${after(stage)}. ${verdict?.reason}`),
  ]);
  expect(watched.comments().at(-1)).toContain("ET-001 is done.");
  if (place === "Gitea")
    expect(watched.statuses()).toEqual([expect.stringContaining(`✅ ${stage}`)]);
  else expect(watched.state()).toBe("Done");
}

/** A gate looks at a commit of the branch; where no branch is needed, at none. */
async function expectOnBranch({ fleet, item }: WatchedFleet, commit: string | null | undefined) {
  if (!commit) return;
  const { branch } = await item();
  expect(await fleet.remote.git("merge-base", "--is-ancestor", commit, branch)).toBe("");
}

/** The gate did not pass, and nothing of the next stage happened. */
export async function expectHeld(one: Case): Promise<void> {
  const { stage, gate } = one.step;
  const watched = await carried(one, "Gitea");
  const { verdict, moves } = await historyOf(stage, watched);
  expect(verdict).toMatchObject({ gate, passed: false });
  expect(verdict?.reason).toContain(one.reason);
  expect(moves).not.toContain(after(stage));
  expect(watched.fleet.started.map(({ role }) => role)).toEqual(one.launched);
  expect(watched.statuses()).toEqual([expect.not.stringContaining(`✅ ${stage}`)]);
  expect(watched.messages().join("\n")).not.toContain(`${stage} → ${after(stage)}`);
  expect(watched.comments().join("\n")).not.toContain("is done");
}
