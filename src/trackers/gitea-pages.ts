import { z } from "zod";
import { TrackerError } from "../engine/tracker.js";
import { expectShape } from "./http-answer.js";
import type { HttpClient } from "./http-client.js";

const PAGE_SIZE = 50;
/** No list of ours is longer; a server that ignores `page` would otherwise be asked for ever. */
const MAX_PAGES = 200;

/**
 * All entries of a paged list. A short page doesn't mean the last one (servers lower the page size
 * and leave out what the token can't read), so `Link` or `X-Total-Count` decides, else an empty page.
 */
export async function everyPage<T>(
  http: HttpClient,
  path: string,
  entry: z.ZodType<T>,
  query = "",
): Promise<T[]> {
  const all: T[] = [];
  for (let page = 1; page <= MAX_PAGES; page++) {
    const { headers, body } = await http({
      method: "GET",
      path: `${path}?${query}page=${page}&limit=${PAGE_SIZE}`,
    });
    const entries = expectShape(z.array(entry).nullable(), body, "Gitea's list") ?? [];
    all.push(...entries);
    if (entries.length === 0 || isLast(headers, all.length)) return all;
  }
  throw new TrackerError("tracker-unexpected", `Gitea's list at ${path} has no end`, {
    retryable: false,
  });
}

function isLast(headers: Headers, seen: number): boolean {
  const link = headers.get("link");
  if (link !== null) return !/rel="?next"?/.test(link);
  const total = headers.get("x-total-count");
  return total !== null && seen >= Number(total);
}
