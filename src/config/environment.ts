import { resolve } from "node:path";
import type { z } from "zod";
import { environmentSchema } from "./environment-schema.js";
import { describeIssues } from "./issues.js";
import {
  type GatheredVariables,
  gatherVariables,
  type RawEnvironment,
  SECRET_VARIABLES,
} from "./variables.js";

/** What the environment says, checked. Absent things are null, never empty. */
export interface Environment {
  readonly host: string;
  /** 0 lets the system choose one. */
  readonly port: number;
  /** Null: `start` and `demo` run a Redis themselves. */
  readonly redisUrl: string | null;
  readonly redisPrefix: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly logLevel: string;
  /** Without trailing slash. */
  readonly giteaUrl: string | null;
  readonly giteaToken: string | null;
  /** Several while one is being rotated; empty: nothing verifies. */
  readonly giteaWebhookSecrets: readonly string[];
  readonly planeUrl: string | null;
  readonly planeApiKey: string | null;
  readonly planeWebhookSecrets: readonly string[];
  readonly anthropicApiKey: string | null;
  readonly anthropicBaseUrl: string | null;
  readonly telegramBotToken: string | null;
  readonly telegramChatId: string | null;
  readonly telegramApiUrl: string;
  readonly boardUsername: string;
  /** Null: one is made at start. */
  readonly boardPassword: string | null;
  readonly boardViewerUsername: string | null;
  readonly boardViewerPassword: string | null;
  readonly allowUnsignedWebhooks: boolean;
  /** Every secret text configured, for masking and for the search before a push. */
  readonly secrets: readonly string[];
}

const schema = environmentSchema.superRefine((values, context) => {
  const problem = (path: string, message: string) =>
    context.addIssue({ code: "custom", path: [path], message });
  if (values.ALLOW_UNSIGNED_WEBHOOKS && !isLoopback(values.HOST)) {
    problem(
      "ALLOW_UNSIGNED_WEBHOOKS",
      `refused while HOST is ${values.HOST}: anybody who reaches it could start agents; set HOST=127.0.0.1 or give webhook secrets`,
    );
  }
  if (values.REDIS_URL?.includes("+cluster:") && !values.REDIS_PREFIX.startsWith("{")) {
    problem(
      "REDIS_PREFIX",
      `must stand in braces on a cluster, {${values.REDIS_PREFIX}}: all keys of a fleet belong on one shard`,
    );
  }
  if ((values.TELEGRAM_BOT_TOKEN === null) !== (values.TELEGRAM_CHAT_ID === null)) {
    problem(
      values.TELEGRAM_CHAT_ID === null ? "TELEGRAM_CHAT_ID" : "TELEGRAM_BOT_TOKEN",
      "is missing; Telegram needs both TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID",
    );
  }
  if ((values.BOARD_VIEWER_USERNAME === null) !== (values.BOARD_VIEWER_PASSWORD === null)) {
    problem(
      values.BOARD_VIEWER_PASSWORD === null ? "BOARD_VIEWER_PASSWORD" : "BOARD_VIEWER_USERNAME",
      "is missing; the read-only user needs both a name and a password",
    );
  }
  if (values.BOARD_VIEWER_USERNAME === values.BOARD_USERNAME) {
    problem("BOARD_VIEWER_USERNAME", "must differ from BOARD_USERNAME");
  }
});
type Parsed = z.output<typeof schema>;

export type EnvironmentResult =
  | { readonly kind: "valid"; readonly environment: Environment }
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

/** Checks an environment; relative paths are taken from `cwd`. */
export function parseEnvironment(env: RawEnvironment, cwd: string): EnvironmentResult {
  const gathered = gatherVariables(env, cwd);
  const result = schema.safeParse(gathered.values);
  const problems = [
    ...gathered.problems,
    ...(result.success ? [] : describeIssues(result.error.issues, [])),
  ];
  if (!result.success || problems.length > 0) return { kind: "invalid", problems };
  return { kind: "valid", environment: toEnvironment(result.data, gathered, cwd) };
}

/** Is this an address only programs of this machine reach? */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function toEnvironment(values: Parsed, gathered: GatheredVariables, cwd: string): Environment {
  return {
    host: values.HOST,
    port: values.PORT,
    redisUrl: values.REDIS_URL,
    redisPrefix: values.REDIS_PREFIX,
    dataDir: resolve(cwd, values.DATA_DIR),
    logLevel: values.LOG_LEVEL,
    giteaUrl: values.GITEA_URL,
    giteaToken: values.GITEA_TOKEN,
    giteaWebhookSecrets: values.GITEA_WEBHOOK_SECRET,
    planeUrl: values.PLANE_URL,
    planeApiKey: values.PLANE_API_KEY,
    planeWebhookSecrets: values.PLANE_WEBHOOK_SECRET,
    anthropicApiKey: values.ANTHROPIC_API_KEY,
    anthropicBaseUrl: values.ANTHROPIC_BASE_URL,
    telegramBotToken: values.TELEGRAM_BOT_TOKEN,
    telegramChatId: values.TELEGRAM_CHAT_ID,
    telegramApiUrl: values.TELEGRAM_API_URL,
    boardUsername: values.BOARD_USERNAME,
    boardPassword: values.BOARD_PASSWORD,
    boardViewerUsername: values.BOARD_VIEWER_USERNAME,
    boardViewerPassword: values.BOARD_VIEWER_PASSWORD,
    allowUnsignedWebhooks: values.ALLOW_UNSIGNED_WEBHOOKS,
    secrets: secretTexts(gathered, values),
  };
}

/** Lists of secrets count one by one; of Redis's address the password counts as well. */
function secretTexts(gathered: GatheredVariables, values: Parsed): string[] {
  const whole = SECRET_VARIABLES.flatMap((name) => gathered.values[name] ?? []);
  const password = /^[a-z+]+:\/\/[^/]*?:([^/]+)@/.exec(values.REDIS_URL ?? "")?.[1];
  const parts = [...values.GITEA_WEBHOOK_SECRET, ...values.PLANE_WEBHOOK_SECRET];
  if (password !== undefined) parts.push(password, decode(password));
  return [...new Set([...whole, ...parts])];
}

function decode(text: string): string {
  return URL.canParse(`redis://:${text}@host`) && /^([^%]|%[0-9A-Fa-f]{2})*$/.test(text)
    ? decodeURIComponent(text)
    : text;
}
