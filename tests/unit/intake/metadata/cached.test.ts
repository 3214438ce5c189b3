import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  anthropicParser,
  createAnthropicClient,
} from "../../../../src/intake/metadata/anthropic.js";
import { cachedParser, type MetadataCache } from "../../../../src/intake/metadata/cached.js";
import type { ParsedMetadata } from "../../../../src/intake/metadata/parser.js";
import { type FakeAnthropic, startFakeAnthropic } from "../../../support/fake-anthropic.js";

const context = { models: ["haiku", "sonnet"], repo: "acme/rocket" };
const hard = { kind: "json", value: { difficulty: "hard" } } as const;
const easy = { kind: "json", value: { difficulty: "easy" } } as const;

let api: FakeAnthropic;
let kept: Map<string, ParsedMetadata>;
beforeEach(async () => {
  api = await startFakeAnthropic();
  kept = new Map();
});
afterEach(() => api.close());

function memory(): MetadataCache {
  return {
    get: async (hash) => kept.get(hash) ?? null,
    set: async (hash, value) => void kept.set(hash, value),
  };
}

function parserWith(cache: MetadataCache, model = "claude-haiku-5-5") {
  const errors: unknown[] = [];
  const client = createAnthropicClient({ apiKey: api.apiKey, baseURL: api.url, maxRetries: 0 });
  const parser = cachedParser(anthropicParser(client, { model }), {
    cache,
    model,
    onCacheError: (error) => void errors.push(error),
  });
  return { parser, errors };
}

describe("the caching parser", () => {
  it("calls the model once for the same text, also of another issue elsewhere", async () => {
    api.script(hard);
    const { parser } = parserWith(memory());
    const first = await parser.parse("text", context);
    const again = await parser.parse("text", { ...context, repo: "acme/other", issue: 9 });
    expect([first, again]).toEqual([{ difficulty: "hard" }, { difficulty: "hard" }]);
    expect(api.calls()).toBe(1);
  });

  it("calls it again for another text, another model and other agents", async () => {
    api.script(hard, hard, hard, hard);
    const { parser } = parserWith(memory());
    await parser.parse("text", context);
    await parser.parse("text ", context);
    await parser.parse("text", { ...context, models: ["opus"] });
    await parserWith(memory(), "claude-sonnet-5-5").parser.parse("text", context);
    expect(api.calls()).toBe(4);
  });

  it("shares one call among those who ask at the same time", async () => {
    api.script(hard);
    const { parser } = parserWith(memory());
    const all = await Promise.all(Array.from({ length: 20 }, () => parser.parse("text", context)));
    expect(new Set(all.map(({ difficulty }) => difficulty))).toEqual(new Set(["hard"]));
    expect(api.calls()).toBe(1);
  });

  it("doesn't keep failures", async () => {
    api.script({ kind: "error", status: 529 }, easy);
    const { parser } = parserWith(memory());
    await expect(parser.parse("text", context)).rejects.toMatchObject({ status: 529 });
    expect(kept.size).toBe(0);
    expect(await parser.parse("text", context)).toEqual({ difficulty: "easy" });
  });

  it("lets one caller give up and the others have the answer", async () => {
    let respond = () => {};
    const answered = new Promise<void>((resolve) => {
      respond = resolve;
    });
    const slow: MetadataCache = { ...memory(), get: async () => answered.then(() => null) };
    api.script(hard);
    const { parser } = parserWith(slow);
    const impatient = new AbortController();
    const first = parser.parse("text", { ...context, signal: impatient.signal });
    const second = parser.parse("text", context);
    impatient.abort(new Error("enough"));
    await expect(first).rejects.toThrow("enough");
    respond();
    expect(await second).toEqual({ difficulty: "hard" });
    expect(api.calls()).toBe(1);
  });

  it("goes on without a cache that fails, and says so", async () => {
    api.script(hard);
    const broken: MetadataCache = {
      get: () => Promise.reject(new Error("no store")),
      set: () => Promise.reject(new Error("no store")),
    };
    const { parser, errors } = parserWith(broken);
    expect(await parser.parse("text", context)).toEqual({ difficulty: "hard" });
    expect(errors).toHaveLength(2);
  });
});
