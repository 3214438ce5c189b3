import { type ChildProcess, spawn } from "node:child_process";
import { WorkspaceError } from "../engine/workspace.js";

/** One call of git. Times are in milliseconds. */
export interface GitCall {
  readonly gitDir?: string;
  readonly workTree?: string;
  readonly index?: string;
  readonly input?: string;
  /** `key=value`, for this call alone; visible in the process list, so never a secret. */
  readonly config?: readonly string[];
  /** Configuration that must not be visible in the process list. */
  readonly hiddenConfig?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Standard output beyond this is dropped; the call still runs to its end. */
  readonly maxBytes?: number;
  /** Takes standard output as it comes; then none is kept. */
  readonly onStdout?: (chunk: Buffer) => void;
}

export interface GitResult {
  /** Null: it was killed, because its time was over. */
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs git without a shell; any exit code is a result. @throws WorkspaceError when git can't start */
export type Git = (args: readonly string[], call?: GitCall) => Promise<GitResult>;

const LOCAL_TIMEOUT_MS = 120_000;
const LONGEST_STDERR = 8_192;

/** What the fleet's process may hand on to git: how to find it, and how to reach a remote. */
const INHERITED = [
  "PATH",
  "HOME",
  "SSH_AUTH_SOCK",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
] as const;

/** No config but ours, nothing that runs what a repository brings, no background work. */
const CONFIG = [
  "core.fsmonitor=false",
  "core.hooksPath=/dev/null",
  "core.attributesFile=/dev/null",
  "core.excludesFile=/dev/null",
  "core.autocrlf=false",
  "core.untrackedCache=false",
  "submodule.recurse=false",
  "diff.ignoreSubmodules=all",
  "fetch.recurseSubmodules=false",
  "push.recurseSubmodules=no",
  "commit.gpgSign=false",
  "credential.helper=",
  "http.followRedirects=false",
  "protocol.allow=never",
  "gc.auto=0",
  "maintenance.auto=false",
  "pack.threads=1",
].flatMap((setting) => ["-c", setting]);

const FIXED_ENVIRONMENT = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_LITERAL_PATHSPECS: "1",
  GIT_SSH_COMMAND: "ssh -o BatchMode=yes",
  GIT_AUTHOR_NAME: "stagecoach",
  GIT_AUTHOR_EMAIL: "stagecoach@localhost",
  GIT_COMMITTER_NAME: "stagecoach",
  GIT_COMMITTER_EMAIL: "stagecoach@localhost",
  LC_ALL: "C",
};

export function createGit(environment: Readonly<Record<string, string | undefined>>): Git {
  const inherited = Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return async (args, call = {}) => {
    const config = (call.config ?? []).flatMap((setting) => ["-c", setting]);
    const child = spawn("git", [...CONFIG, ...config, ...args], {
      env: { ...inherited, ...FIXED_ENVIRONMENT, ...environmentOf(call) },
      stdio: ["pipe", "pipe", "pipe"],
    });
    return await collect(child, call);
  };
}

function environmentOf(call: GitCall): Record<string, string> {
  const hidden = Object.entries(call.hiddenConfig ?? {});
  return {
    ...(call.gitDir === undefined ? {} : { GIT_DIR: call.gitDir }),
    ...(call.workTree === undefined ? {} : { GIT_WORK_TREE: call.workTree }),
    ...(call.index === undefined ? {} : { GIT_INDEX_FILE: call.index }),
    GIT_CONFIG_COUNT: String(hidden.length),
    ...Object.fromEntries(
      hidden.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
}

function collect(child: ChildProcess, call: GitCall): Promise<GitResult> {
  const stdout = sink(call.maxBytes ?? Number.POSITIVE_INFINITY);
  const stderr = sink(LONGEST_STDERR);
  child.stdout?.on("data", call.onStdout ?? stdout.take);
  child.stderr?.on("data", stderr.take);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      // A helper (ssh, remote-https) may hold the pipes open after git is gone.
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, call.timeoutMs ?? LOCAL_TIMEOUT_MS);
    child.on("error", (cause) => {
      clearTimeout(timer);
      reject(new WorkspaceError("git-failed", "git can't be started", { cause }));
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, stdout: stdout.all(), stderr: stderr.all().toString("utf8").trim() });
    });
    child.stdin?.on("error", (error: NodeJS.ErrnoException) => {
      // Git ended before reading everything: its exit code tells why.
      if (error.code !== "EPIPE") child.kill("SIGKILL");
    });
    child.stdin?.end(call.input ?? "");
  });
}

function sink(maxBytes: number) {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    take(chunk: Buffer): void {
      const room = maxBytes - size;
      if (room <= 0) return;
      chunks.push(chunk.subarray(0, room));
      size += Math.min(chunk.length, room);
    },
    all: (): Buffer => Buffer.concat(chunks),
  };
}

/**
 * Output without its last newline.
 * @throws WorkspaceError `git-failed` on any exit code but 0, `disk-full` where the disk was why
 */
export function outputOf(what: string, result: GitResult): string {
  if (result.code !== 0) throw gitFailed(what, result);
  return result.stdout.toString("utf8").replace(/\n$/, "");
}

/** The system's own words or git's, which for a file of a checkout names no cause; its exit code tells nothing. */
const DISK_FULL =
  /(?:: No space left on device|' write error\. Out of diskspace)$|^error: unable to write file /m;

export function gitFailed(what: string, result: GitResult): WorkspaceError {
  const why = result.code === null ? "it took too long" : withoutCredentials(result.stderr);
  const code = DISK_FULL.test(result.stderr) ? "disk-full" : "git-failed";
  return new WorkspaceError(code, `git ${what} failed: ${why}`);
}

/** User and password in URLs, as git may repeat them in its messages. */
export function withoutCredentials(text: string): string {
  return text.replace(/(?<=:\/\/)[^\s/@]+@/g, "");
}
