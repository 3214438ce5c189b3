import type { DoubleAnswer, DoubleRequest } from "./http-double.js";

const DEFAULT_SIZE = 30;

/** A page as Gitea cuts it: 30 entries unless asked, never more than its own limit, with `Link`. */
export function pageOf(
  all: readonly unknown[],
  request: DoubleRequest,
  url: string,
  maxSize: number,
): DoubleAnswer {
  const asked = Number(request.query.get("limit") ?? DEFAULT_SIZE);
  const size = Math.min(asked > 0 ? asked : DEFAULT_SIZE, maxSize);
  const page = Math.max(Number(request.query.get("page") ?? 1), 1);
  const headers: Record<string, string> = { "x-total-count": String(all.length) };
  const pages = Math.ceil(all.length / size);
  if (pages > 1) headers.link = links(url, request, page, pages);
  return { status: 200, headers, body: all.slice((page - 1) * size, page * size) };
}

function links(url: string, request: DoubleRequest, page: number, pages: number): string {
  const to = (target: number, rel: string) => {
    const query = new URLSearchParams(request.query);
    query.set("page", String(target));
    return `<${url}${request.path}?${query}>; rel="${rel}"`;
  };
  const onward = page < pages ? [to(page + 1, "next"), to(pages, "last")] : [];
  const back = page > 1 ? [to(1, "first"), to(page - 1, "prev")] : [];
  return [...onward, ...back].join(",");
}
