import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTelegram, TelegramError } from "../../../src/notify/telegram.js";
import { splitText } from "../../../src/notify/telegram-text.js";

const TOKEN = "42:secret";
interface Message {
  readonly chat_id: string;
  readonly text: string;
  readonly parse_mode: string;
}

let server: Server;
let url: string;
let messages: Message[];
let answers: { readonly status: number; readonly body: unknown }[];

/** Refuses what the Bot API refuses: a wrong token, an empty or a too long text. */
function bodyFor(path: string | undefined, message: Message) {
  const scripted = answers.shift();
  if (scripted !== undefined) return scripted;
  if (path !== `/bot${TOKEN}/sendMessage`) return refuse(404, "Not Found");
  const shown = message.text.replace(/&(amp|lt|gt);/g, "x");
  if (shown.length === 0) return refuse(400, "Bad Request: message text is empty");
  if (shown.length > 4096) return refuse(400, "Bad Request: message is too long");
  if (/<|>/.test(message.text)) return refuse(400, "Bad Request: can't parse entities");
  messages.push(message);
  return { status: 200, body: { ok: true, result: {} } };
}

function refuse(status: number, description: string, parameters?: unknown) {
  return { status, body: { ok: false, error_code: status, description, parameters } };
}

beforeEach(async () => {
  messages = [];
  answers = [];
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const { status, body } = bodyFor(request.url, JSON.parse(Buffer.concat(chunks).toString()));
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("not listening");
  url = `http://127.0.0.1:${address.port}`;
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const telegram = (options: { token?: string; onMigrated?: (chat: string) => void } = {}) =>
  createTelegram({ token: TOKEN, chatId: "-100", url, ...options });

async function failure(work: Promise<void>): Promise<TelegramError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TelegramError)) throw new Error(`expected a TelegramError: ${error}`);
  expect(`${error.message} ${error.stack} ${error.cause}`).not.toContain("secret");
  return error;
}

describe("Telegram", () => {
  it("shows markup as text", async () => {
    await telegram().send("ET-001 <b>&</b> done");
    expect(messages).toMatchObject([
      { chat_id: "-100", text: "ET-001 &lt;b&gt;&amp;&lt;/b&gt; done", parse_mode: "HTML" },
    ]);
  });

  it("cuts a long text into messages it takes, escapes unharmed", async () => {
    const text = Array.from({ length: 900 }, (_, i) => `line ${i} <&>`).join("\n");
    await telegram().send(text);
    expect(messages.length).toBeGreaterThan(1);
    const sent = messages.map((message) => message.text).join("\n");
    const unescaped = sent.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
    expect(unescaped).toBe(text);
  });

  it("sends nothing where there is nothing to say", async () => {
    await telegram().send(" \n ");
    expect(messages).toEqual([]);
  });

  it("says how long to wait when it sent too much", async () => {
    answers.push(refuse(429, "Too Many Requests: retry after 17", { retry_after: 17 }));
    expect(await failure(telegram().send("x"))).toMatchObject({
      code: "telegram-rate-limited",
      retryable: true,
      retryAfterMs: 17_000,
    });
  });

  it("follows a group that moved, and stays there", async () => {
    const moves: string[] = [];
    answers.push(refuse(400, "Bad Request: upgraded", { migrate_to_chat_id: -1009 }));
    const bot = telegram({ onMigrated: (chat) => moves.push(chat) });
    await bot.send("one");
    await bot.send("two");
    expect(messages.map((message) => message.chat_id)).toEqual(["-1009", "-1009"]);
    expect(moves).toEqual(["-1009"]);
  });

  it("doesn't follow a group that moves again and again", async () => {
    for (let i = 0; i < 2; i++) answers.push(refuse(400, "upgraded", { migrate_to_chat_id: -i }));
    expect(await failure(telegram().send("x"))).toMatchObject({ retryable: false });
  });

  it.each([
    [403, "Forbidden: bot was blocked by the user", "telegram-refused", false],
    [400, "Bad Request: chat not found", "telegram-refused", false],
    [401, "Unauthorized", "telegram-refused", false],
    [502, "Bad Gateway", "telegram-unavailable", true],
  ])("names %i %s", async (status, description, code, retryable) => {
    answers.push(refuse(status, description));
    const error = await failure(telegram().send("x"));
    expect(error).toMatchObject({ code, retryable });
    expect(error.message).toContain(description);
  });

  it("names neither token nor address when nobody answers", async () => {
    await new Promise((resolve) => server.close(resolve));
    const error = await failure(telegram().send("x"));
    expect(error).toMatchObject({ code: "telegram-unavailable", retryable: true });
  });
});

describe("splitting", () => {
  it("prefers lines, then words, and never cuts a character", () => {
    expect(splitText("aaaa bbbb\ncc", 10)).toEqual(["aaaa bbbb", "cc"]);
    expect(splitText("aaaa bbbb cc", 10)).toEqual(["aaaa bbbb", "cc"]);
    expect(splitText("aaaa🚀🚀", 5)).toEqual(["aaaa", "🚀🚀"]);
    expect(splitText("a".repeat(25), 10)).toEqual(["a".repeat(10), "a".repeat(10), "a".repeat(5)]);
  });
});
