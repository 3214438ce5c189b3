import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PAGES = ["README.md", "CHANGELOG.md", ...pagesBelow("docs"), ...pagesBelow("docs/decisions")];

function pagesBelow(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder)).filter((name) => name.endsWith(".md"));
  return names.map((name) => join(folder, name));
}

/** Without fenced code, where brackets are somebody else's. */
function proseOf(page: string): string {
  return readFileSync(join(ROOT, page), "utf8").replace(/^ *```[\s\S]*?^ *```$/gm, "");
}

/** What a page's headings are reached by, as forges make it. */
function anchorsOf(page: string): Set<string> {
  const headings = proseOf(page).match(/^#+ .*$/gm) ?? [];
  return new Set(
    headings.map((heading) =>
      heading
        .replace(/^#+ /, "")
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** Links of a page that lead nowhere. */
function broken(page: string): string[] {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => {
    if (/^(https?|mailto):/.test(link)) return false;
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? page : join(dirname(page), path);
    if (!existsSync(resolve(ROOT, target))) return true;
    return anchor !== undefined && !anchorsOf(target).has(anchor);
  });
}

describe("the documentation's links", () => {
  it.each(PAGES)("of %s all lead somewhere", (page) => {
    expect(broken(page)).toEqual([]);
  });

  it("lead to every page and every picture", () => {
    const all = PAGES.map((page) => proseOf(page)).join("\n");
    const pages = pagesBelow("docs").map((page) => page.replace("docs/", ""));
    const pictures = readdirSync(join(ROOT, "docs/screenshots"));
    expect([...pages, ...pictures].filter((name) => !all.includes(`${name})`))).toEqual([]);
  });
});
