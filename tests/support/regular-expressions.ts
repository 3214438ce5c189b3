import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseFileSync } from "@swc/core";

export interface WrittenPattern {
  /** Below `src`, with slashes. */
  readonly file: string;
  readonly pattern: string;
  readonly flags: string;
}

/** Every regular expression written in the code, from its syntax tree. */
export function writtenPatterns(folder: string): WrittenPattern[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) =>
      literalsIn(parseFileSync(join(folder, file), { syntax: "typescript" }), file),
    );
}

function literalsIn(node: unknown, file: string): WrittenPattern[] {
  if (typeof node !== "object" || node === null) return [];
  const inside = Object.values(node).flatMap((child) => literalsIn(child, file));
  return isLiteral(node) ? [{ file, pattern: node.pattern, flags: node.flags }, ...inside] : inside;
}

function isLiteral(node: object): node is { pattern: string; flags: string } {
  return "type" in node && node.type === "RegExpLiteral";
}
