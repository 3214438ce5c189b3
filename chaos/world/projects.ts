export const BOT = "stagecoach-bot";
export const APPROVER = "alice";
/** Developer runs of an item, unless an approver grants more. */
export const CAP = 3;

/** A repository each, in the ways that work can go. */
export const PROJECTS = [
  { name: "quick", repo: "acme/quick", prefix: "QK", pipeline: "direct", sandbox: "auto" },
  { name: "reviewed", repo: "acme/reviewed", prefix: "RV", pipeline: "reviewed", sandbox: "none" },
  { name: "checked", repo: "acme/checked", prefix: "CK", pipeline: "checked", sandbox: "none" },
] as const;

export const CHECKED_REPO = "acme/checked";
export const CI_CONTEXT = "ci/test";
