import { constants } from "node:fs";
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WorkspaceError } from "../engine/workspace.js";
import { makeFence } from "./fence.js";
import { createGit, outputOf } from "./git.js";
import { writeRepository } from "./mirror.js";
import { type Credentials, openRemote } from "./remote.js";

export interface RemoteQuestion {
  readonly address: string;
  readonly baseBranch: string;
  readonly credentials: Credentials;
  /** The process's environment, of which git sees an allow-list. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Upper bound of each call in ms. */
  readonly timeoutMs: number;
}

export type RemoteSeen =
  | { readonly kind: "writable" }
  | { readonly kind: "unreachable" | "unwritable"; readonly why: string }
  | { readonly kind: "no-base" };

const CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n";
/** Nobody else's: it is asked about, never made. */
const REF = "refs/stagecoach/doctor";

/** Can the fleet's git read the remote, is the base branch there, and would a push be taken? */
export async function probeRemote(question: RemoteQuestion): Promise<RemoteSeen> {
  const { address, baseBranch, credentials, environment, timeoutMs } = question;
  const git = createGit(environment);
  const times = { refsMs: timeoutMs, transferMs: timeoutMs };
  const base = `refs/heads/${baseBranch}`;
  let remote: ReturnType<typeof openRemote>;
  let hasBase: boolean;
  try {
    remote = openRemote(git, address, credentials, times);
    hasBase = (await remote.refs([base])).has(base);
  } catch (error) {
    return { kind: "unreachable", why: wordsOf(error) };
  }
  const folder = await mkdtemp(join(tmpdir(), "stagecoach-doctor-"));
  try {
    await writeRepository(folder, CONFIG);
    await remote.tryPush(folder, REF, await makeFence(git, folder, "doctor", "taken"));
    // A dry run in a folder of this machine opens nothing for writing.
    if (address.startsWith("/")) await access(address, constants.W_OK);
  } catch (error) {
    return { kind: "unwritable", why: wordsOf(error) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return hasBase ? { kind: "writable" } : { kind: "no-base" };
}

function wordsOf(error: unknown): string {
  if (error instanceof WorkspaceError || (error instanceof Error && "code" in error)) {
    return error.message;
  }
  throw error;
}

/** What `git --version` says: `[2, 39, 5]`; null: there is no git. */
export async function gitVersion(
  environment: RemoteQuestion["environment"],
): Promise<readonly number[] | null> {
  try {
    const said = outputOf("version", await createGit(environment)(["version"]));
    return /\d{1,9}(?:\.\d{1,9})+/.exec(said)?.[0].split(".").map(Number) ?? null;
  } catch (error) {
    if (error instanceof WorkspaceError) return null;
    throw error;
  }
}
