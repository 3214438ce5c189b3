import type { RedisConnection } from "./connection.js";

/** The last entry a page showed: items that come or go meanwhile shift nothing. */
interface Place {
  readonly score: number;
  readonly id: string;
}

export interface PageOfIds {
  readonly limit: number;
  readonly cursor: string | null;
  /** The first page starts here. */
  readonly highest?: number;
}

/** Ids of a sorted set page by page, highest score first, as `ZREVRANGE` orders them. */
export async function pageOfIds(
  redis: RedisConnection,
  key: string,
  { limit, cursor, highest }: PageOfIds,
): Promise<{ readonly ids: readonly string[]; readonly next: string | null }> {
  const after = cursor === null ? null : readCursor(cursor);
  const found: Place[] = [];
  // The place's own score is read again, so entries that share it may need a second reading.
  for (let offset = 0; found.length <= limit; offset += limit + 1) {
    const from = after?.score ?? highest ?? "+inf";
    const read = places(
      await redis.zrevrangebyscore(key, from, "-inf", "WITHSCORES", "LIMIT", offset, limit + 1),
    );
    found.push(...read.filter((place) => after === null || isBehind(place, after)));
    if (read.length <= limit) break;
  }
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    ids: page.map(({ id }) => id),
    next: found.length > limit && last !== undefined ? `${last.score}:${last.id}` : null,
  };
}

function places(answer: readonly string[]): Place[] {
  return answer.flatMap((id, index) =>
    index % 2 === 0 ? [{ id, score: Number(answer[index + 1]) }] : [],
  );
}

function isBehind(place: Place, after: Place): boolean {
  return place.score < after.score || (place.score === after.score && place.id < after.id);
}

/** @throws RangeError for what no page named */
function readCursor(cursor: string): Place {
  const match = /^(\d+):(.+)$/.exec(cursor);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw new RangeError(`not a page's cursor: ${cursor}`);
  }
  return { score: Number(match[1]), id: match[2] };
}
