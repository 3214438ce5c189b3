import type { Sha } from "../domain/verdict.js";
import { WorkspaceError } from "../engine/workspace.js";
import { type Git, type GitCall, type GitResult, gitFailed, withoutCredentials } from "./git.js";

/** User and password (or token) for an http(s) remote; null: none is needed. */
export type Credentials = (url: URL) => { username: string; password: string } | null;

/** One repository somewhere else, reached through git alone. */
export interface Remote {
  /** What these refs point at; absent ones are missing from the map. */
  refs(names: readonly string[]): Promise<ReadonlyMap<string, Sha>>;
  /** Brings refs or commits into a local repository; false: the remote has no such ref. */
  fetch(gitDir: string, refspecs: readonly string[]): Promise<boolean>;
  /** Moves all refs or none, each only if it is still where we last saw it. */
  push(gitDir: string, moves: readonly RefMove[]): Promise<"pushed" | "superseded">;
  /** Would a new ref be taken? Asks with the rights of a push and changes nothing. */
  tryPush(gitDir: string, ref: string, to: Sha): Promise<void>;
}

export interface RefMove {
  readonly ref: string;
  readonly to: Sha;
  /** Null: the ref must not exist. */
  readonly from: Sha | null;
}

export interface RemoteTimeouts {
  /** For a look at refs, in ms. */
  readonly refsMs: number;
  /** For bringing or pushing commits, in ms. */
  readonly transferMs: number;
}

const TIMEOUTS: RemoteTimeouts = { refsMs: 60_000, transferMs: 600_000 };

/** @throws WorkspaceError `unsafe-name` for anything but http(s), ssh or an absolute local path */
export function openRemote(
  git: Git,
  address: string,
  credentials?: Credentials,
  { refsMs, transferMs }: RemoteTimeouts = TIMEOUTS,
): Remote {
  const target = parseRemote(address, credentials);
  const call = (timeoutMs: number, gitDir?: string): GitCall => ({
    config: target.protocols.map((protocol) => `protocol.${protocol}.allow=always`),
    hiddenConfig: target.hiddenConfig,
    timeoutMs,
    ...(gitDir === undefined ? {} : { gitDir }),
  });

  const refs: Remote["refs"] = async (names) => {
    const args = ["ls-remote", "--end-of-options", target.url, ...names];
    const result = await git(args, call(refsMs));
    if (result.code !== 0) throw unavailable(result);
    return parseRefs(result.stdout.toString("utf8"), names);
  };

  return {
    refs,
    async fetch(gitDir, refspecs) {
      const args = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-gc"];
      const transfer = call(transferMs, gitDir);
      // Kept as a pack it is there whole or not at all; unpacked, a cut fetch leaves a commit whose
      // tree is missing.
      const result = await git([...args, "--end-of-options", target.url, ...refspecs], {
        ...transfer,
        config: [...(transfer.config ?? []), "fetch.unpackLimit=1"],
      });
      if (result.code === 0) return true;
      if (/couldn't find remote ref|not our ref/.test(result.stderr)) return false;
      throw unavailable(result);
    },
    async push(gitDir, moves) {
      const leases = moves.map((move) => `--force-with-lease=${move.ref}:${move.from ?? ""}`);
      const specs = moves.map((move) => `${move.to}:${move.ref}`);
      const result = await git(
        ["push", "--porcelain", "--atomic", ...leases, "--end-of-options", target.url, ...specs],
        call(transferMs, gitDir),
      );
      if (result.code === 0) return "pushed";
      return await whatBecameOf(moves, await refs(moves.map((move) => move.ref)), result);
    },
    async tryPush(gitDir, ref, to) {
      const args = ["push", "--dry-run", "--porcelain", "--end-of-options", target.url];
      const result = await git([...args, `${to}:${ref}`], call(refsMs, gitDir));
      if (result.code !== 0) throw gitFailed("push", result);
    },
  };
}

/**
 * A refused push and a cut connection look alike, and a cut one may have landed: where the refs
 * stand now tells, not git's words.
 */
async function whatBecameOf(
  moves: readonly RefMove[],
  now: ReadonlyMap<string, Sha>,
  result: GitResult,
): Promise<"pushed" | "superseded"> {
  if (moves.every((move) => now.get(move.ref) === move.to)) return "pushed";
  if (moves.some((move) => (now.get(move.ref) ?? null) !== move.from)) return "superseded";
  const refused = result.stdout.toString("utf8").match(/^!.*$/m)?.[0];
  if (refused === undefined) throw unavailable(result);
  throw gitFailed("push", { ...result, stderr: `${refused}\n${result.stderr}` });
}

function unavailable(result: GitResult): WorkspaceError {
  const why = result.code === null ? "no answer in time" : withoutCredentials(result.stderr);
  return new WorkspaceError("remote-unavailable", `the git remote can't be reached: ${why}`);
}

function parseRefs(output: string, names: readonly string[]): ReadonlyMap<string, Sha> {
  const wanted = new Set(names);
  const found = new Map<string, Sha>();
  for (const line of output.split("\n")) {
    const [sha, name] = line.split("\t");
    // A pattern also matches longer names that end in it.
    if (sha !== undefined && name !== undefined && wanted.has(name)) found.set(name, sha);
  }
  return found;
}

interface Target {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly hiddenConfig: Readonly<Record<string, string>>;
}

const SCP_LIKE = /^(?:[A-Za-z0-9_][\w.-]*@)?[A-Za-z0-9][\w.-]*:(?!\/\/)[^-:\s][^\s]*$/;
const SSH_URL = /^ssh:\/\/(?:[A-Za-z0-9_][\w.-]*@)?[A-Za-z0-9[][\w.:[\]-]*\/\S+$/;

function parseRemote(address: string, credentials: Credentials | undefined): Target {
  const visible = { url: address, hiddenConfig: {} };
  if (/\p{Cc}/u.test(address)) throw unsafeRemote(address);
  if (address.startsWith("/")) return { ...visible, protocols: ["file"] };
  if (address.startsWith("file:///")) return { ...visible, protocols: ["file"] };
  if (/^https?:\/\//.test(address) && URL.canParse(address)) {
    return httpTarget(new URL(address), credentials);
  }
  if (SSH_URL.test(address) || SCP_LIKE.test(address)) return { ...visible, protocols: ["ssh"] };
  throw unsafeRemote(address);
}

/** Credentials go into the environment of git alone, since an agent can read the process list. */
function httpTarget(url: URL, credentials: Credentials | undefined): Target {
  const given = url.username === "" ? (credentials?.(url) ?? null) : userInfo(url);
  url.username = "";
  url.password = "";
  const protocols = [url.protocol.slice(0, -1)];
  if (given === null) return { url: url.href, protocols, hiddenConfig: {} };
  const basic = Buffer.from(`${given.username}:${given.password}`, "utf8").toString("base64");
  const key = `http.${url.origin}/.extraHeader`;
  return { url: url.href, protocols, hiddenConfig: { [key]: `Authorization: Basic ${basic}` } };
}

function userInfo(url: URL): { username: string; password: string } {
  return {
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}

function unsafeRemote(address: string): WorkspaceError {
  const shown = JSON.stringify(withoutCredentials(address));
  return new WorkspaceError(
    "unsafe-name",
    `remote ${shown} is neither http(s), ssh nor an absolute path`,
  );
}
