import { z } from "zod";

/** Plane's answers, only the fields we use. */

const member = z.object({
  id: z.string(),
  email: z.string().nullish(),
  display_name: z.string().nullish(),
});
export type PlaneMember = z.infer<typeof member>;

const state = z.object({ id: z.string(), name: z.string(), group: z.string().nullish() });
export type PlaneState = z.infer<typeof state>;

/** With `expand` the state and assignees are objects, from servers that don't know it ids. */
export const planeIssueShape = z.object({
  name: z.string(),
  sequence_id: z.number().int(),
  description_html: z.string().nullish(),
  state: z.union([z.string(), state]).nullish(),
  assignees: z.array(z.union([z.string(), member])).nullish(),
  updated_at: z.string(),
});
export type PlaneIssue = z.infer<typeof planeIssueShape>;

const listedIssue = planeIssueShape.extend({ id: z.string(), created_at: z.string() });
export type ListedPlaneIssue = z.infer<typeof listedIssue>;

const comment = z.object({
  id: z.string(),
  comment_html: z.string().nullish(),
  actor: z.union([z.string(), z.object({ id: z.string() })]).nullish(),
  external_source: z.string().nullish(),
  created_at: z.string(),
  updated_at: z.string().nullish(),
  edited_at: z.string().nullish(),
});
export type PlaneComment = z.infer<typeof comment>;

/** One page, or, from servers that don't page this list, all of it. */
function pageOf<T>(entry: z.ZodType<T>) {
  const paged = z.object({
    results: z.array(entry),
    next_cursor: z.string().nullish(),
    next_page_results: z.boolean().nullish(),
  });
  return z.union([paged, z.array(entry).transform((results) => ({ results }))]);
}
export const planeIssuePage = pageOf(listedIssue);
export const planeCommentPage = pageOf(comment);
export const planeMemberPage = pageOf(member);
export interface PlanePage<T> {
  readonly results: readonly T[];
  readonly next_cursor?: string | null | undefined;
  readonly next_page_results?: boolean | null | undefined;
}

export const planeStatesShape = z.union([
  z.array(state),
  z.object({
    results: z.array(state),
    next_cursor: z.string().nullish(),
    next_page_results: z.boolean().nullish(),
  }),
]);

/** Objects in 1.3, plain ids elsewhere. */
export const planeRelationsShape = z.object({
  blocked_by: z
    .array(z.union([z.string(), z.object({ id: z.string(), project_id: z.string().nullish() })]))
    .nullish(),
});
