import { z } from "zod";
import { escapedHtml, splitText } from "./telegram-text.js";

const DEFAULT_TIMEOUT_MS = 10_000;
/** What Telegram takes in one message, counted after its entities are parsed. */
const MAX_MESSAGE = 4096;

export interface TelegramOptions {
  readonly token: string;
  readonly chatId: string;
  /** Default `https://api.telegram.org`. */
  readonly url?: string;
  readonly fetch?: typeof globalThis.fetch;
  /** Upper bound of one call in ms; default 10 s. */
  readonly timeoutMs?: number;
  /** The group became a supergroup and has another id; told so that config can follow. */
  readonly onMigrated?: (chatId: string) => void;
}

export interface Telegram {
  /**
   * Sends plain text, in as many messages as it needs; blank text sends nothing. At least once: a
   * call that failed halfway sends its first messages again when it is repeated.
   * @throws TelegramError
   */
  send(text: string): Promise<void>;
}

/** `retryable`: sending later may help. `retryAfterMs`: not before that, in ms. */
export class TelegramError extends Error {
  readonly code: "telegram-unavailable" | "telegram-refused" | "telegram-rate-limited";
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;

  constructor(
    code: TelegramError["code"],
    message: string,
    options: { retryable: boolean; retryAfterMs?: number },
  ) {
    super(message);
    this.name = "TelegramError";
    this.code = code;
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** A bot's `sendMessage`. The token is part of the address, so no error quotes one. */
export function createTelegram(options: TelegramOptions): Telegram {
  let chatId = options.chatId;

  const deliver = async (text: string): Promise<void> => {
    const first = await sendMessage(options, chatId, text);
    if (first.kind === "sent") return;
    chatId = first.chatId;
    options.onMigrated?.(chatId);
    const second = await sendMessage(options, chatId, text);
    if (second.kind === "sent") return;
    throw new TelegramError("telegram-refused", "Telegram: the chat moved twice", {
      retryable: false,
    });
  };

  return {
    send: async (text) => {
      for (const part of splitText(text, MAX_MESSAGE)) await deliver(part);
    },
  };
}

type Sent = { readonly kind: "sent" } | { readonly kind: "moved"; readonly chatId: string };

const answerShape = z.object({
  ok: z.boolean(),
  description: z.string().optional(),
  parameters: z
    .object({
      retry_after: z.number().optional(),
      migrate_to_chat_id: z.union([z.number(), z.string()]).optional(),
    })
    .optional(),
});
type Answer = z.infer<typeof answerShape>;

async function sendMessage(options: TelegramOptions, chatId: string, text: string): Promise<Sent> {
  const { status, answer } = await callTelegram(options, "sendMessage", {
    chat_id: chatId,
    text: escapedHtml(text),
    parse_mode: "HTML",
    link_preview_options: { is_disabled: true },
  });
  if (answer?.ok === true) return { kind: "sent" };
  const movedTo = answer?.parameters?.migrate_to_chat_id;
  if (status === 400 && movedTo !== undefined) return { kind: "moved", chatId: String(movedTo) };
  throw refusal(status, answer, options.token);
}

/** @throws TelegramError if it can't be reached; a refusal is an answer */
export async function callTelegram(
  { token, url, fetch, timeoutMs }: TelegramOptions,
  method: string,
  body: unknown,
): Promise<{ readonly status: number; readonly answer: Answer | null }> {
  const root = (url ?? "https://api.telegram.org").replace(/\/+$/, "");
  try {
    const response = await (fetch ?? globalThis.fetch)(`${root}/bot${token}/${method}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs ?? DEFAULT_TIMEOUT_MS),
    });
    return { status: response.status, answer: readAnswer(await response.text()) };
  } catch (error) {
    const reason = error instanceof Error ? error.name : "unknown reason";
    throw new TelegramError("telegram-unavailable", `Telegram can't be reached (${reason})`, {
      retryable: true,
    });
  }
}

/** Null: some proxy answered instead of Telegram. */
function readAnswer(text: string): Answer | null {
  try {
    return answerShape.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

export function refusal(status: number, answer: Answer | null, token: string): TelegramError {
  const words = (answer?.description ?? "no explanation").replaceAll(token, "***").slice(0, 300);
  const message = `Telegram answered ${status}: ${words}`;
  if (status === 429) {
    const retryAfterMs = (answer?.parameters?.retry_after ?? 1) * 1000;
    return new TelegramError("telegram-rate-limited", message, { retryable: true, retryAfterMs });
  }
  if (status >= 500 || answer === null) {
    return new TelegramError("telegram-unavailable", message, { retryable: true });
  }
  return new TelegramError("telegram-refused", message, { retryable: false });
}
