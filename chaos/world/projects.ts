export const BOT = "stagecoach-bot";
export const APPROVER = "alice";
/** As Plane knows them. */
export const APPROVERS_EMAIL = `${APPROVER}@people.example`;
/** Somebody who may say what they like, and whose word moves nothing. */
export const STRANGER = "bob";
/** Developer runs of an item, unless an approver grants more. */
export const CAP = 3;

interface Project {
  readonly name: string;
  /** Null: its issues are in Plane, and nobody opens pull requests. */
  readonly repo: string | null;
  readonly prefix: string;
  readonly pipeline: string;
  readonly sandbox: "auto" | "none";
  /** Is what passed merged by the fleet? */
  readonly merges: boolean;
  /** Of the issues, beside the others': long pipelines take more of a machine. */
  readonly share: number;
}

/** Where the issues of what has no repository in Gitea are. */
export const PLANE = { workspace: "acme", project: "dae7de73-d31a-440a-8114-1d7b3a5f1274" };

/** A repository each, in the ways that work can go. */
export const PROJECTS = [
  {
    name: "quick",
    repo: "acme/quick",
    prefix: "QK",
    pipeline: "direct",
    sandbox: "auto",
    merges: false,
    share: 3,
  },
  {
    name: "reviewed",
    repo: "acme/reviewed",
    prefix: "RV",
    pipeline: "reviewed",
    sandbox: "none",
    merges: false,
    share: 2,
  },
  {
    name: "checked",
    repo: "acme/checked",
    prefix: "CK",
    pipeline: "checked",
    sandbox: "none",
    merges: false,
    share: 2,
  },
  {
    name: "whole",
    repo: "acme/whole",
    prefix: "WH",
    pipeline: "full",
    sandbox: "none",
    merges: true,
    share: 1,
  },
  {
    name: "planned",
    repo: null,
    prefix: "PL",
    pipeline: "planned",
    sandbox: "none",
    merges: false,
    share: 2,
  },
] as const satisfies readonly Project[];

/** In Gitea. */
export const REPOS: readonly string[] = PROJECTS.flatMap(({ repo }) => repo ?? []);

export const CHECKED_REPO = "acme/checked";
export const CI_CONTEXT = "ci/test";
