import type { RawEnvironment } from "../../config/variables.js";
import { createGit } from "../../workspace/git.js";

/** What the current folder's git says of its repository; null where it doesn't say. */
export interface Detected {
  /** `owner/name`. */
  readonly repo: string | null;
  /** Of the web interface, as `GITEA_URL`. */
  readonly forge: string | null;
  readonly baseBranch: string | null;
}

const TIMEOUT_MS = 5_000;

/** Looks at the remote `origin` of the repository around the current folder. */
export async function detectRepository(environment: RawEnvironment): Promise<Detected> {
  const git = createGit(environment);
  const ask = async (...args: string[]) => {
    const { code, stdout } = await git(args, { timeoutMs: TIMEOUT_MS });
    return code === 0 ? stdout.toString("utf8").trim() || null : null;
  };
  const [address, remoteHead, head] = await Promise.all([
    ask("config", "--get", "remote.origin.url"),
    ask("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"),
    ask("symbolic-ref", "--quiet", "--short", "HEAD"),
  ]);
  return {
    ...placeOf(address ?? ""),
    baseBranch: remoteHead?.replace(/^origin\//, "") ?? head,
  };
}

/** Repository and forge in an address that git understands. */
export function placeOf(address: string): Pick<Detected, "repo" | "forge"> {
  const scp = /^(?:[\w.-]+@)?([\w.-]+):(?!\/\/)(.+)$/.exec(address);
  if (scp !== null) return placeIn(`https://${scp[1]}`, scp[2] ?? "");
  if (!/^(?:https?|ssh):\/\//.test(address) || !URL.canParse(address)) {
    return { repo: null, forge: null };
  }
  const { protocol, host, hostname, pathname } = new URL(address);
  return protocol === "ssh:"
    ? placeIn(`https://${hostname}`, pathname)
    : placeIn(`${protocol}//${host}`, pathname);
}

/** What stands before owner and name is the forge's own path. */
function placeIn(origin: string, path: string): Pick<Detected, "repo" | "forge"> {
  const parts = path
    .replace(/\.git\/?$/, "")
    .split("/")
    .filter(Boolean);
  const [owner, name] = parts.slice(-2);
  if (owner === undefined || name === undefined) return { repo: null, forge: origin };
  return { repo: `${owner}/${name}`, forge: [origin, ...parts.slice(0, -2)].join("/") };
}
