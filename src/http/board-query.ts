import type Koa from "koa";
import { z } from "zod";

/**
 * Bull Board hands these to the store nearly as they came: one of a million jobs a page would load
 * them all, and a page or a state the store can't read would be a fault of ours.
 */
const Query = z
  .object({
    status: z.string().regex(/^[a-z-]{0,20}$/),
    page: z.string().regex(/^\d{1,6}$/),
    jobsPerPage: z.string().regex(/^\d{1,3}$/),
  })
  .partial();

/** Answers 400, in the board's own words, to a query that asks for too much or for nothing there is. */
export function refuseWideQueries(): Koa.Middleware {
  return async (ctx, next) => {
    if (Query.safeParse(ctx.query).success) return next();
    ctx.status = 400;
    ctx.body = { error: { key: "ERRORS.INVALID_QUERY_PARAM" } };
  };
}
