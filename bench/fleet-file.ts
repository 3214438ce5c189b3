import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";

/** Writes the `stagecoach.yaml` of a fleet that is measured; returns its path. */
export async function writeFleetFile(
  folder: string,
  { bot, repo }: { readonly bot: string; readonly repo: string },
): Promise<string> {
  const path = join(folder, "stagecoach.yaml");
  const file = {
    bot,
    approvers: ["mira"],
    parser: "rules",
    projects: [{ name: "rocket", repo, prefix: "ET" }],
    gates: { "tests-local": { command: ["true"], timeoutMinutes: 1 } },
    agents: { default: { runner: "scripted", script: "unused" } },
  };
  await writeFile(path, stringify(file));
  return path;
}
