import { REPO } from "./running-fleet.js";
import type { WatchedFleet } from "./watched-fleet.js";

/** Something that people, their forge or its CI do. */
export type Act = (watched: WatchedFleet) => Promise<void>;

export const filed: Act = async (watched) => watched.file();

/** Somebody's comment on the issue. */
export const says =
  (author: string, text: string): Act =>
  (watched) =>
    watched.says(author, text);

/** Several things one after the other, the fleet at rest after each. */
export const inOrder =
  (...acts: readonly Act[]): Act =>
  async (watched) => {
    for (const act of acts) {
      await act(watched);
      await watched.rest();
    }
  };

export type CheckState = "pending" | "success" | "failure";

/** CI's status of the branch's head. */
export const checkSays =
  (context: string, state: CheckState): Act =>
  async (watched) =>
    watched.fleet.gitea.setStatus(REPO, await headOf(watched), context, state);

/** The same, and the webhook of it is lost. */
export const checkSaysUnheard =
  (context: string, state: CheckState): Act =>
  async (watched) => {
    const head = await headOf(watched);
    await watched.unheard(() => watched.fleet.gitea.setStatus(REPO, head, context, state));
  };

/** A run of the workflow `ci.yml` ended. */
export const workflowSays =
  (conclusion: "success" | "failure"): Act =>
  async (watched) => {
    const run = { file: "ci.yml", status: "completed", conclusion } as const;
    watched.fleet.gitea.setRun(REPO, await headOf(watched), run);
  };

/** Somebody's review of the item's pull request. */
export const reviewBy =
  (
    reviewer: string,
    state: "APPROVED" | "REQUEST_CHANGES",
    remark: { readonly stale?: boolean; readonly dismissed?: boolean } = {},
  ): Act =>
  async ({ fleet }) => {
    const number = fleet.gitea.pullRequests(REPO)[0]?.number ?? 0;
    fleet.gitea.review(REPO, number, { reviewer, state, ...remark });
  };

/** A person pushes a commit with these artifacts to the item's branch. */
export const pushes =
  (artifacts: Readonly<Record<string, string>>): Act =>
  async (watched) => {
    const { id, branch } = await watched.item();
    const files = Object.entries(artifacts).map(([name, text]) => [
      `docs/work-items/${id}/${name}`,
      text,
    ]);
    await watched.pushed(await watched.fleet.remote.commit(branch, Object.fromEntries(files)));
  };

/** The forge tells again of a head it told of before. */
export const pushedAgain: Act = async (watched) => watched.pushed(await headOf(watched));

async function headOf({ item }: WatchedFleet): Promise<string> {
  return (await item()).head ?? "";
}
