import type { IssueKey } from "../domain/issue.js";
import type { Stage } from "../domain/stage.js";
import type { ItemStatus } from "../domain/work-item.js";

/** An issue on the way from the item asked for to what holds it up. */
export interface WhyLink {
  readonly issue: IssueKey;
  /** Null for an issue that nobody carries; so are title, stage and status then. */
  readonly item: string | null;
  readonly title: string | null;
  readonly stage: Stage | null;
  readonly status: ItemStatus | null;
  /** Why the status is what it is; empty for an issue that nobody carries. */
  readonly reason: string;
}

/** A way that ends where nothing further is waited for, or where it closes on itself. */
export interface WhyPath {
  readonly links: readonly [WhyLink, ...WhyLink[]];
  readonly loop: boolean;
}

export function lastOf(path: WhyPath): WhyLink {
  return path.links[path.links.length - 1] ?? path.links[0];
}
