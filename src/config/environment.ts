import { resolve } from "node:path";
import { z } from "zod";
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

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
const REDIS_SCHEME = /^rediss?(\+cluster)?:\/\/\S+$/;
/** Braces would be a second hash tag, and a colon ends a key's part. */
const PREFIX = /^(\{[A-Za-z0-9_.-]{1,64}\}|[A-Za-z0-9_.-]{1,64})$/;

const httpUrl = z
  .string()
  .refine(isHttpUrl, "must be an http:// or https:// address without user and password")
  .transform((url) => url.replace(/\/+$/, ""));
const secretList = z.string().transform((text) =>
  text
    .split(",")
    .map((secret) => secret.trim())
    .filter((secret) => secret !== ""),
);
const flag = z
  .enum(["0", "1", "true", "false"], "must be 1 or 0")
  .transform((value) => value === "1" || value === "true");
const optional = <T extends z.ZodType>(schema: T) => schema.nullable().default(null);

const schema = z
  .object({
    HOST: z.string().default("127.0.0.1"),
    PORT: z
      .string()
      .regex(/^\d{1,5}$/, "must be a number from 0 to 65535")
      .transform(Number)
      .refine((port) => port <= 65_535, "must be a number from 0 to 65535")
      .default(3000),
    REDIS_URL: optional(
      z
        .string()
        .regex(
          REDIS_SCHEME,
          "must be redis://…, rediss://… (TLS), redis+cluster://… or rediss+cluster://…",
        ),
    ),
    REDIS_PREFIX: z
      .string()
      .regex(PREFIX, "must be letters, digits, `_`, `.` or `-`, possibly inside one pair of braces")
      .default("{stagecoach}"),
    DATA_DIR: z.string().default(".stagecoach"),
    LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(", ")}`).default("info"),
    GITEA_URL: optional(httpUrl),
    GITEA_TOKEN: optional(z.string()),
    GITEA_WEBHOOK_SECRET: secretList.default([]),
    PLANE_URL: optional(httpUrl),
    PLANE_API_KEY: optional(z.string()),
    PLANE_WEBHOOK_SECRET: secretList.default([]),
    ANTHROPIC_API_KEY: optional(z.string()),
    ANTHROPIC_BASE_URL: optional(httpUrl),
    TELEGRAM_BOT_TOKEN: optional(z.string()),
    TELEGRAM_CHAT_ID: optional(z.string()),
    TELEGRAM_API_URL: httpUrl.default("https://api.telegram.org"),
    BOARD_USERNAME: z.string().default("admin"),
    BOARD_PASSWORD: optional(z.string()),
    BOARD_VIEWER_USERNAME: optional(z.string()),
    BOARD_VIEWER_PASSWORD: optional(z.string()),
    ALLOW_UNSIGNED_WEBHOOKS: flag.default(false),
  })
  .superRefine((values, context) => {
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

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}
