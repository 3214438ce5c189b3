import { constants, type Dirent } from "node:fs";
import { lstat, mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { z } from "zod";

/** Describes the step beside its files; never copied itself. */
export const STEP_FILE = "step.json";

const stepSchema = z.strictObject({
  ending: z.enum(["finished", "failed", "transient", "limited", "hang"]).default("finished"),
  reason: z.string().default("the script says so"),
  /** Written to the run's log. */
  output: z.string().default(""),
  /** Milliseconds the agent seems to work. */
  delay_ms: z.number().nonnegative().default(0),
  /** For `limited`: milliseconds until the quota is back. */
  reset_in_ms: z.number().nonnegative().default(60_000),
  /** Paths to delete from the worktree. */
  remove: z.array(z.string()).default([]),
  summary: z.string().optional(),
  usage: z
    .strictObject({ input_tokens: z.number().int(), output_tokens: z.number().int() })
    .default({ input_tokens: 0, output_tokens: 0 }),
  cost_usd: z.number().nonnegative().nullable().default(null),
});

export type ScriptStep = z.infer<typeof stepSchema> & {
  /** Absolute path of the step's folder. */
  readonly folder: string;
};

/**
 * Finds what to play: in the first of `folders` that exists, the highest numbered step not above
 * `round`, so that the last one repeats. Null: the script has nothing.
 */
export async function findStep(
  folders: readonly string[],
  round: number,
): Promise<ScriptStep | null> {
  for (const parent of folders) {
    const numbers = (await foldersIn(parent)).map(Number).filter((number) => number <= round);
    if (numbers.length === 0) continue;
    const folder = join(parent, String(Math.max(...numbers)));
    return { ...(await readStep(join(folder, STEP_FILE))), folder };
  }
  return null;
}

/** Copies a step's files into the worktree, with placeholders filled in paths and texts. */
export async function playFiles(
  step: ScriptStep,
  worktree: string,
  fill: (text: string) => string,
): Promise<void> {
  for (const path of step.remove) {
    const target = fill(path);
    await refuseSymlinks(worktree, dirname(target));
    await rm(join(worktree, target), { recursive: true, force: true });
  }
  for (const file of await filesIn(step.folder)) {
    const path = relative(step.folder, file);
    if (path === STEP_FILE) continue;
    await write(worktree, fill(path), fill(await readFile(file, "utf8")), await modeOf(file));
  }
}

async function write(root: string, path: string, text: string, mode: number): Promise<void> {
  await refuseSymlinks(root, dirname(path));
  await mkdir(join(root, dirname(path)), { recursive: true });
  await rm(join(root, path), { force: true });
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await open(join(root, path), flags, mode);
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}

/** A branch may bring symlinks that lead out of the worktree. */
async function refuseSymlinks(root: string, folder: string): Promise<void> {
  const parts = folder.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw new ScriptError(`${folder} leads out of the worktree`);
  let path = root;
  for (const part of parts) {
    path = join(path, part);
    const stats = await ifThere(() => lstat(path));
    if (stats === null) return;
    if (!stats.isDirectory()) throw new ScriptError(`${relative(root, path)} is not a folder`);
  }
}

/** The script can't be played as it is; the run fails with this message. */
export class ScriptError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ScriptError";
  }
}

async function readStep(path: string): Promise<z.infer<typeof stepSchema>> {
  const text = (await ifThere(() => readFile(path, "utf8"))) ?? "{}";
  try {
    const parsed = stepSchema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    throw new ScriptError(`${path}: ${z.prettifyError(parsed.error)}`);
  } catch (error) {
    if (error instanceof SyntaxError) throw new ScriptError(`${path}: ${error.message}`);
    throw error;
  }
}

async function foldersIn(parent: string): Promise<readonly string[]> {
  const entries = (await ifThere<Dirent[]>(() => readdir(parent, { withFileTypes: true }))) ?? [];
  return entries
    .filter((entry) => entry.isDirectory() && /^[1-9]\d*$/.test(entry.name))
    .map((entry) => entry.name);
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}

async function modeOf(file: string): Promise<number> {
  return (await lstat(file)).mode & 0o100 ? 0o755 : 0o644;
}

async function ifThere<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
