import type { WorkItem } from "../domain/work-item.js";

/** Something that happened, for a person or, as a JSON line, for a program. */
export interface Happening {
  /** Milliseconds since the first webhook was sent. */
  readonly ms: number;
  readonly event:
    | "webhook"
    | "stage"
    | "run"
    | "verdict"
    | "comment"
    | "pull-request"
    | "done"
    | "summary"
    | "board";
  readonly item: string | null;
  readonly stage: string | null;
  readonly text: string;
  /** Said by its neighbours as well, so a terminal leaves it out. */
  readonly minor?: boolean;
  /** What a terminal draws it as; default: by its event. */
  readonly mark?: "waits" | "back" | "failed";
  /** What a program may want to know beside the text. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

export type Tell = (happening: Omit<Happening, "ms">) => void;

/** How people write an issue: `#1` in Gitea, `Plane 1` for a number of Plane's. */
export function issueName({ issue, order }: Pick<WorkItem, "issue" | "order">): string {
  return issue.tracker === "gitea" ? `#${issue.number}` : `Plane ${order}`;
}
