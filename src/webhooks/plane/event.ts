/** What Plane calls the things we use, in all its versions, and what happened to them. */
export interface PlaneEvent {
  /** `issue`, `issue_comment`, or another's name as sent. */
  readonly subject: string;
  /** As sent with the event's name (`work_item.created`), in today's words; null: not sent there. */
  readonly action: string | null;
}

const SUBJECTS: Readonly<Record<string, string>> = {
  work_item: "issue",
  work_item_comment: "issue_comment",
};

const ACTIONS = { create: "created", update: "updated", delete: "deleted" } as const;
export type PlaneAction = (typeof ACTIONS)[keyof typeof ACTIONS];

export function planeEventOf(name: string): PlaneEvent {
  const dot = name.indexOf(".");
  const subject = dot === -1 ? name : name.slice(0, dot);
  return {
    subject: Object.hasOwn(SUBJECTS, subject) ? (SUBJECTS[subject] ?? subject) : subject,
    action: dot === -1 ? null : name.slice(dot + 1),
  };
}

/** `create` and `created` are the same; null: none we use. */
export function planeActionOf(word: string): PlaneAction | null {
  for (const [old, action] of Object.entries(ACTIONS)) {
    if (word === old || word === action) return action;
  }
  return null;
}
