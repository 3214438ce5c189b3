import { callTelegram, refusal, type TelegramOptions } from "./telegram.js";

/** What Telegram refused, in its words; or nothing. */
export type TelegramSeen =
  | { readonly kind: "fine" }
  | { readonly kind: "token" | "chat"; readonly why: string };

/**
 * Is the token a bot's, and does the bot see the chat?
 * @throws TelegramError if it can't be reached or asks to wait
 */
export async function probeTelegram(options: TelegramOptions): Promise<TelegramSeen> {
  const token = await refused(options, "getMe", {});
  if (token !== null) return { kind: "token", why: token };
  const chat = await refused(options, "getChat", { chat_id: options.chatId });
  return chat === null ? { kind: "fine" } : { kind: "chat", why: chat };
}

async function refused(
  options: TelegramOptions,
  method: string,
  body: unknown,
): Promise<string | null> {
  const { status, answer } = await callTelegram(options, method, body);
  if (answer?.ok === true) return null;
  const error = refusal(status, answer, options.token);
  if (error.code === "telegram-refused") return error.message;
  throw error;
}
