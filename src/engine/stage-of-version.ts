import type { Stage } from "../domain/stage.js";
import type { ReadWorkItems } from "./work-items.js";

/** The stage an item stood in at a version; null where nothing kept says so. */
export async function stageOfVersion(
  items: Pick<ReadWorkItems, "find" | "runs">,
  { item, version }: { readonly item: string; readonly version: number },
): Promise<Stage | null> {
  const found = await items.find(item);
  if (found === null || found.version === version) return found?.stage ?? null;
  return (await items.runs(item)).find((run) => run.version === version)?.stage ?? null;
}
