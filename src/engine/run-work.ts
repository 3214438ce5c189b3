import { artifactsFolder } from "../domain/artifacts.js";
import { modelKey } from "../domain/fleet.js";
import { type RunRecord, type RunReport, spendsDeveloperRun } from "../domain/run.js";
import type { RunEnd } from "../domain/run-ended.js";
import { STARTS_WITHOUT_ENDING } from "../domain/run-life.js";
import type { WorkStage } from "../domain/stage.js";
import type { WorkItem } from "../domain/work-item.js";
import { blockerBranches } from "./blocker-branches.js";
import { type Ownership, watchOwnership } from "./ownership.js";
import { pullRequestFirst } from "./pull-request.js";
import type { Assignment, RunDeps } from "./run-deps.js";
import { endOf, endOfFault, endWithoutAgent, unknownRunner } from "./run-end.js";
import { RUN_LEASE_MS } from "./slots.js";
import type { Checkout } from "./workspace.js";

/** Works on a run that was taken on; whatever happens, it comes to an end that can be recorded. */
export async function workOn(
  deps: RunDeps,
  assignment: Assignment,
  signal: AbortSignal,
): Promise<RunEnd> {
  const { item, run } = assignment;
  if ((await startsWithoutEnding(deps, item)) > STARTS_WITHOUT_ENDING) {
    const reason = `${STARTS_WITHOUT_ENDING} starts came to no end; look at the worker's host`;
    return endWithoutAgent("failed", reason);
  }
  // From here on the slot outlives the item's moving on, as long as the agent may.
  if (!(await deps.slots.hold(item.id, item.version, deps.clock(), RUN_LEASE_MS, run.id))) {
    return endWithoutAgent("cancelled", "its slot was taken away before it began");
  }
  return work(deps, assignment, signal);
}

/** This start included; an ending of this version, and so an operator's retry after it, resets them. */
async function startsWithoutEnding(deps: RunDeps, item: WorkItem): Promise<number> {
  const runs = await deps.items.runs(item.id);
  const ofVersion = runs.filter(({ version }) => version === item.version);
  const ended = ofVersion.findLastIndex(({ ending }) => ending !== null && ending !== "superseded");
  return ofVersion.length - 1 - ended;
}

async function work(deps: RunDeps, assignment: Assignment, signal: AbortSignal): Promise<RunEnd> {
  const { item, run, project } = assignment;
  const ownership = watchOwnership(deps, item, run, signal);
  let checkout: Checkout | null = null;
  try {
    const task = await deps.items.task(item.id);
    checkout = await deps.workspace.open({
      project,
      item: item.id,
      branch: item.branch,
      role: run.role,
      token: run.id,
      task,
      blockers: item.head === null ? await blockerBranches(deps, item) : [],
      allowedPaths: item.allowedPaths,
    });
    if (comesTooEarly(deps, item, checkout)) return branchMade(checkout);
    return await runIn(deps, assignment, checkout, task, ownership);
  } catch (error) {
    return endOfFault(error, checkout?.head ?? null, deps.log.child({ run: run.id }));
  } finally {
    ownership.stop();
    await checkout?.close();
  }
}

/** There was no branch to open the pull request from that its agent is to look at. Now there is. */
function comesTooEarly(deps: RunDeps, item: WorkItem, { head }: Checkout): boolean {
  return item.head === null && pullRequestFirst(deps.fleet, { ...item, head }) !== null;
}

function branchMade({ head }: Checkout): RunEnd {
  const reason = "its branch is made; its pull request is opened first";
  return { ...endWithoutAgent("superseded", reason), commitBefore: head, commitAfter: head };
}

async function runIn(
  deps: RunDeps,
  assignment: Assignment,
  checkout: Checkout,
  task: string,
  ownership: Ownership,
): Promise<RunEnd> {
  const { item, run, project, settings } = assignment;
  const runner = deps.runners[settings.runner];
  if (runner === undefined) {
    return endOf(unknownRunner(settings.runner), checkout.head);
  }
  const round = await roundOf(deps, item, run);
  const key = modelKey(settings, item.metadata.assignedAgent);
  const prompt = deps.renderPrompt({
    role: run.role,
    item,
    project,
    task,
    takenOut: checkout.takenOut,
    documents: await documentsOf(deps, assignment, checkout),
    history: await deps.items.history(item.id),
    round,
    developerRunCap: deps.fleet.limits.developerRuns + item.grantedRuns,
  });
  const output = deps.openLog(run.id);
  const ending = await runner(
    {
      item: item.id,
      stage: item.stage as WorkStage,
      role: run.role,
      branch: item.branch,
      run: run.id,
      attempt: run.attempt,
      round,
      modelKey: key,
      model: deps.fleet.models[key] ?? null,
      artifacts: artifactsFolder(item.id),
      prompt,
      worktree: checkout.path,
      borrows: checkout.borrows,
      privatePath: checkout.privatePath,
      settings,
      log: (chunk) => output.write(chunk),
    },
    ownership.signal,
  ).finally(() => output.close());
  // An item cancelled since the last heartbeat is noticed here: its work must not be pushed.
  const ours = ending.kind === "finished" && (await ownership.holds());
  if (!ours || ownership.signal.aborted) return endOf(ending, checkout.head);
  try {
    return await pushWork(assignment, checkout, ending.report);
  } catch (error) {
    // The agent has worked, whatever becomes of its work: what it used counts.
    const fault = endOfFault(error, checkout.head, deps.log.child({ run: run.id }));
    return { ...fault, report: ending.report };
  }
}

async function pushWork(
  { item, run }: Assignment,
  checkout: Checkout,
  report: RunReport,
): Promise<RunEnd> {
  const pushed = await checkout.push(`${item.id}: ${run.role}, run ${run.id}`);
  return {
    ending: "succeeded",
    reason: report.summary ?? "",
    report,
    commitBefore: checkout.head,
    commitAfter: pushed.commit,
    wrote: pushed.wrote,
  };
}

/** What stands in the item's folder when the run begins, without what was taken out. */
async function documentsOf(
  { workspace }: RunDeps,
  { item, project }: Assignment,
  { head, takenOut }: Checkout,
): Promise<readonly string[]> {
  const folder = `${artifactsFolder(item.id)}/`;
  const paths = await workspace.at(project, head).list(artifactsFolder(item.id));
  const names = paths.map((path) => (path.startsWith(folder) ? path.slice(folder.length) : path));
  return names.filter((name) => !Object.hasOwn(takenOut, name));
}

/** Which time the role works here: runs that were interrupted or taken over left nothing to go on from. */
async function roundOf(deps: RunDeps, item: WorkItem, run: RunRecord): Promise<number> {
  const earlier = await deps.items.runs(item.id);
  const cameToAnEnd = (other: RunRecord) => other.role === run.role && spendsDeveloperRun(other);
  return 1 + earlier.filter(cameToAnEnd).length;
}
