export const BOT = "stagecoach-bot";
export const APPROVER = "alice";
/** Somebody who may say what they like, and whose word moves nothing. */
export const STRANGER = "bob";
/** Developer runs of an item, unless an approver grants more. */
export const CAP = 3;

interface Project {
  readonly name: string;
  readonly repo: string;
  readonly prefix: string;
  readonly pipeline: string;
  readonly sandbox: "auto" | "none";
  /** Is what passed merged by the fleet? */
  readonly merges: boolean;
  /** Of the issues, beside the others': long pipelines take more of a machine. */
  readonly share: number;
}

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
] as const satisfies readonly Project[];

export const CHECKED_REPO = "acme/checked";
export const CI_CONTEXT = "ci/test";
