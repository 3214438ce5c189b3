import { TelegramError } from "../../notify/telegram.js";
import { probeTelegram } from "../../notify/telegram-probe.js";
import { type Check, type Finding, fail, ok, warn } from "./check.js";
import type { Patient } from "./patient.js";

/** Only where it is configured. */
export function telegramChecks({ environment, callMs }: Patient): readonly Check[] {
  if (environment === null) return [];
  const { telegramBotToken: token, telegramChatId: chatId, telegramApiUrl: url } = environment;
  if (token === null || chatId === null) return [];
  return [
    { name: "Telegram", look: async () => [await look({ token, chatId, url, timeoutMs: callMs })] },
  ];
}

async function look(options: Parameters<typeof probeTelegram>[0]): Promise<Finding> {
  try {
    const seen = await probeTelegram(options);
    switch (seen.kind) {
      case "fine":
        return ok("the bot sees the chat");
      case "token":
        return fail(seen.why, "set TELEGRAM_BOT_TOKEN to what @BotFather gave");
      case "chat":
        return fail(
          seen.why,
          "add the bot to the chat, and set TELEGRAM_CHAT_ID to its id (groups begin with -)",
        );
    }
  } catch (error) {
    if (!(error instanceof TelegramError)) throw error;
    return warn(error.message, "see whether TELEGRAM_API_URL is reached from here");
  }
}
