import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeAnthropic, startFakeAnthropic } from "../../support/fake-anthropic.js";

let api: FakeAnthropic;
beforeEach(async () => {
  api = await startFakeAnthropic();
  api.otherwise(() => ({ kind: "text", text: "ok" }));
});
afterEach(() => api.close());

const HEADERS = { "anthropic-version": "2023-06-01", "content-type": "application/json" };
const user = { role: "user", content: "do it" };
const tool = { name: "bash", description: "runs", input_schema: { type: "object" } };
const call = {
  role: "assistant",
  content: [{ type: "tool_use", id: "toolu_1", name: "bash", input: {} }],
};
const result = (id: string) => ({
  role: "user",
  content: [{ type: "tool_result", tool_use_id: id, content: "ok" }],
});
const BODY = { model: "claude-sonnet-5-5", max_tokens: 100, messages: [user] };

async function ask(body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${api.url}/v1/messages?beta=true`, {
    method: "POST",
    headers: { ...HEADERS, "x-api-key": api.apiKey, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

describe("the fake of the Messages API", () => {
  it.each([
    ["no max_tokens", { ...BODY, max_tokens: undefined }, "max_tokens: Field required"],
    ["an unknown field", { ...BODY, thread: null }, "thread: Extra inputs"],
    ["a beta's field without its header", { ...BODY, context_management: {} }, "Extra inputs"],
    ["a tool without a schema", { ...BODY, tools: [{ name: "x" }] }, "input_schema.type"],
    ["two tools of one name", { ...BODY, tools: [tool, tool] }, "must be unique"],
    [
      "a call without its result",
      { ...BODY, tools: [tool], messages: [user, call, user] },
      "without `tool_result` blocks",
    ],
    [
      "a result for another call",
      { ...BODY, tools: [tool], messages: [user, call, result("toolu_2")] },
      "unexpected `tool_use_id`",
    ],
    [
      "a result out of nowhere",
      { ...BODY, tools: [tool], messages: [result("toolu_1")] },
      "unexpected `tool_use_id`",
    ],
    ["calls without tools", { ...BODY, messages: [user, call, result("toolu_1")] }, "tools: Field"],
    ["what isn't JSON", "{", "not valid JSON"],
  ])("refuses %s", async (_name, body, words) => {
    expect(await ask(body)).toEqual({ status: 400, text: expect.stringContaining(words) });
    expect(api.requests).toEqual([]);
  });

  it("refuses a wrong key, a missing version, and a model it doesn't have", async () => {
    expect((await ask(BODY, { "x-api-key": "wrong" })).status).toBe(401);
    expect((await ask(BODY, { "anthropic-version": "" })).status).toBe(400);
    expect((await ask({ ...BODY, model: "gpt" })).status).toBe(404);
  });

  it("takes a well-paired conversation, and streams the answer if it is asked to", async () => {
    const messages = [user, call, result("toolu_1")];
    const body = { ...BODY, tools: [tool], messages };
    expect((await ask(body)).status).toBe(200);
    const { text } = await ask({ ...body, stream: true });
    const names = [...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name);
    expect(names[0]).toBe("message_start");
    expect(names.at(-1)).toBe("message_stop");
    expect(names).toContain("content_block_delta");
  });
});
