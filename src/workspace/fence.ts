import type { Sha } from "../domain/verdict.js";
import { type Git, outputOf } from "./git.js";

/** Git knows the empty tree without storing it. */
const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** Whoever moved this ref last owns the item; every push leases it. */
export function fenceRef(item: string): string {
  return `refs/stagecoach/fence/${item}`;
}

/** A commit no other start of a run makes: the fence moves to it. */
export async function makeFence(
  git: Git,
  gitDir: string,
  token: string,
  event: "taken" | "pushed",
): Promise<Sha> {
  const input = `fence ${event}\n\nToken: ${token}\n`;
  return outputOf("commit-tree", await git(["commit-tree", EMPTY_TREE], { gitDir, input }));
}
