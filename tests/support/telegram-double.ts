import { onTestFinished } from "vitest";
import { field, startDouble, textField } from "../../src/demo/http-double.js";

export const TELEGRAM_TOKEN = "123456:a-token-of-telegram";
const CHAT = "-100200";

export interface TelegramDouble {
  /** What a fleet that speaks to it is started with. */
  readonly environment: Readonly<Record<string, string>>;
  /** Texts as people read them, entities resolved, oldest first. */
  readonly messages: readonly string[];
  /** The same as they were sent. */
  readonly sent: readonly string[];
  /** Calls so far, refused ones too, each with when it came. */
  readonly calls: readonly number[];
  /** The next `count` calls are refused with 429 and this `retry_after`. */
  refuse(count: number, retryAfterSeconds: number): void;
}

/** Telegram's `sendMessage` over real HTTP, gone when the test ends: refuses what the real one does. */
export async function startTelegramDouble(): Promise<TelegramDouble> {
  const sent: string[] = [];
  const calls: number[] = [];
  const refusals: number[] = [];
  const refused = (status: number, description: string, parameters?: unknown) => ({
    status,
    body: { ok: false, error_code: status, description, parameters },
  });
  const server = await startDouble(({ path, body }) => {
    calls.push(Date.now());
    if (path !== `/bot${TELEGRAM_TOKEN}/sendMessage`) return refused(404, "Not Found");
    const wait = refusals.shift();
    if (wait !== undefined) {
      return refused(429, `Too Many Requests: retry after ${wait}`, { retry_after: wait });
    }
    if (field(body, "chat_id") !== CHAT) return refused(400, "Bad Request: chat not found");
    const text = textField(body, "text") ?? "";
    const markup = field(body, "parse_mode") === "HTML";
    if (!markup || /<|&(?!(amp|lt|gt|quot);)/.test(text)) {
      return refused(400, "Bad Request: can't parse entities");
    }
    if (shown(text).length > 4096) return refused(400, "Bad Request: message is too long");
    sent.push(text);
    return { status: 200, body: { ok: true, result: { message_id: sent.length } } };
  });
  onTestFinished(() => server.stop());
  return {
    environment: {
      TELEGRAM_BOT_TOKEN: TELEGRAM_TOKEN,
      TELEGRAM_CHAT_ID: CHAT,
      TELEGRAM_API_URL: server.url,
    },
    get messages() {
      return sent.map(shown);
    },
    sent,
    calls,
    refuse: (count, seconds) => {
      for (let i = 0; i < count; i += 1) refusals.push(seconds);
    },
  };
}

function shown(html: string): string {
  return html.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
