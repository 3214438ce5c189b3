import { z } from "zod";
import { TrackerError } from "../engine/tracker.js";
import { expectShape } from "./http-answer.js";
import type { HttpClient } from "./http-client.js";

const PAGE_SIZE = 50;
/** No list of ours is longer; a server that ignores `page` would otherwise be asked for ever. */
const MAX_PAGES = 200;
/** Read page by page nothing piles up, so this only ends a server that ignores `page`. */
const MOST_PAGES_APART = 1_000;

/** All entries of a paged list. @throws TrackerError when it doesn't end. */
export async function everyPage<T>(
  http: HttpClient,
  path: string,
  entry: z.ZodType<T>,
  query = "",
): Promise<T[]> {
  const { entries, ended } = await pages(http, { path, query, read: listOf(entry) }, MAX_PAGES);
  if (ended) return entries;
  throw new TrackerError("tracker-unexpected", `Gitea's list at ${path} has no end`, {
    retryable: false,
  });
}

export interface PagedList<T> {
  readonly path: string;
  /** Filters, each with `&` after it. */
  readonly query: string;
  /** The entries in a page's body. */
  readonly read: (body: unknown) => readonly T[];
}

/** The entries of a list's first pages: for lists whose rest doesn't matter. */
export async function firstPages<T>(
  http: HttpClient,
  list: PagedList<T>,
  count: number,
): Promise<T[]> {
  return (await pages(http, list, count)).entries;
}

/** A paged list, page by page as they come. @throws TrackerError when it doesn't end. */
export async function* eachPage<T>(
  http: HttpClient,
  { path, query, read }: PagedList<T>,
): AsyncGenerator<readonly T[]> {
  for (let page = 1, seen = 0; page <= MOST_PAGES_APART; page++) {
    const { headers, body } = await http({ method: "GET", path: pagePath(path, query, page) });
    const found = read(body);
    seen += found.length;
    if (found.length > 0) yield found;
    if (found.length === 0 || isLast(headers, seen)) return;
  }
  throw new TrackerError("tracker-unexpected", `Gitea's list at ${path} has no end`, {
    retryable: false,
  });
}

function pagePath(path: string, query: string, page: number): string {
  return `${path}?${query}page=${page}&limit=${PAGE_SIZE}`;
}

export function listOf<T>(entry: z.ZodType<T>): (body: unknown) => readonly T[] {
  return (body) => expectShape(z.array(entry).nullable(), body, "Gitea's list") ?? [];
}

/**
 * A short page doesn't mean the last one (servers lower the page size and leave out what the token
 * can't read), so `Link` or `X-Total-Count` decides, else an empty page.
 */
async function pages<T>(
  http: HttpClient,
  { path, query, read }: PagedList<T>,
  count: number,
): Promise<{ readonly entries: T[]; readonly ended: boolean }> {
  const entries: T[] = [];
  for (let page = 1; page <= count; page++) {
    const { headers, body } = await http({
      method: "GET",
      path: pagePath(path, query, page),
    });
    const found = read(body);
    entries.push(...found);
    if (found.length === 0 || isLast(headers, entries.length)) return { entries, ended: true };
  }
  return { entries, ended: false };
}

function isLast(headers: Headers, seen: number): boolean {
  const link = headers.get("link");
  if (link !== null) return !/rel="?next"?/.test(link);
  const total = headers.get("x-total-count");
  return total !== null && seen >= Number(total);
}
