import { z } from "zod";
import { httpUrl, text } from "./forms.js";

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
const REDIS_SCHEME = /^rediss?(\+cluster)?:\/\/\S+$/;
/** Braces would be a second hash tag, and a colon ends a key's part. */
const PREFIX = /^(\{[A-Za-z0-9_.-]{1,64}\}|[A-Za-z0-9_.-]{1,64})$/;

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

/** Every variable with what it is, as the reference tells it: `npm run docs`. */
export const environmentSchema = z.object({
  HOST: z
    .string()
    .default("127.0.0.1")
    .describe("Where the receiver listens. Anything but loopback needs webhook secrets."),
  PORT: text("a number from 0 to 65535", (value) => /^\d{1,5}$/.test(value) && +value <= 65_535)
    .transform(Number)
    .default(3000)
    .describe("The receiver's port; 0: the system chooses one."),
  REDIS_URL: optional(
    text("redis://…, rediss://… (TLS), redis+cluster://… or rediss+cluster://…", REDIS_SCHEME),
  ).describe(
    "The store; of a Cluster several nodes, `redis+cluster://user:password@a:7000,b:7001`. Unset: `npm start` runs one itself.",
  ),
  REDIS_PREFIX: text("letters, digits, `_`, `.` or `-`, possibly inside one pair of braces", PREFIX)
    .default("{stagecoach}")
    .describe(
      "Before every key, so that fleets can share a Redis. Braces keep all keys on one shard of a Cluster, and are needed there.",
    ),
  DATA_DIR: z
    .string()
    .default(".stagecoach")
    .describe(
      "Folder for checkouts, webhooks kept while Redis is away, and the data of a Redis of our own; relative to the working folder.",
    ),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(", ")}`)
    .default("info")
    .describe("Of the JSON lines on standard error, pretty on a terminal."),
  GITEA_URL: optional(httpUrl).describe("Where Gitea or Forgejo answers."),
  GITEA_TOKEN: optional(z.string()).describe("The bot's token."),
  GITEA_WEBHOOK_SECRET: secretList
    .default([])
    .describe("Of Gitea's webhooks; several, separated by commas, while one is rotated."),
  PLANE_URL: optional(httpUrl).describe("The address whose `/api/v1` answers."),
  PLANE_API_KEY: optional(z.string()).describe("A key of the bot's account."),
  PLANE_WEBHOOK_SECRET: secretList
    .default([])
    .describe("Of Plane's webhooks; several, separated by commas, while one is rotated."),
  ANTHROPIC_API_KEY: optional(z.string()).describe(
    "For the runner `anthropic`, and for reading issues' metadata with a model; without it rules do that.",
  ),
  ANTHROPIC_BASE_URL: optional(httpUrl).describe(
    "Another address of the Messages API. Unset: Anthropic's own.",
  ),
  TELEGRAM_BOT_TOKEN: optional(z.string()).describe(
    "Of the bot that sends notifications; needs `TELEGRAM_CHAT_ID`.",
  ),
  TELEGRAM_CHAT_ID: optional(z.string()).describe(
    "The chat they go to; needs `TELEGRAM_BOT_TOKEN`.",
  ),
  TELEGRAM_API_URL: httpUrl.default("https://api.telegram.org").describe("Telegram's address."),
  BOARD_USERNAME: z.string().default("admin").describe("Who logs in to the pages."),
  BOARD_PASSWORD: optional(z.string()).describe(
    "Their password. Unset: one is made and printed at start; several receivers need one they share.",
  ),
  BOARD_VIEWER_USERNAME: optional(z.string()).describe(
    "A second user who may only read; needs `BOARD_VIEWER_PASSWORD`, and another name than the first.",
  ),
  BOARD_VIEWER_PASSWORD: optional(z.string()).describe("Their password."),
  ALLOW_UNSIGNED_WEBHOOKS: flag
    .default(false)
    .describe(
      "`1` only for tests: whoever reaches the receiver can start agents. Refused unless `HOST` is loopback.",
    ),
});
