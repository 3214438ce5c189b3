import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { anthropicParser, createAnthropicClient } from "../../src/intake/metadata/anthropic.js";
import { cachedParser } from "../../src/intake/metadata/cached.js";
import { redisMetadataCache } from "../../src/redis/metadata-cache.js";
import { type FakeAnthropic, startFakeAnthropic } from "../support/fake-anthropic.js";
import { startRedis, type TestRedis, uniquePrefix } from "../support/redis.js";

const THIRTY_DAYS = 30 * 24 * 60 * 60;
const context = { models: ["haiku", "sonnet"] };
const whole = {
  estimatedContext: 46_800,
  difficulty: "hard",
  assignedAgent: "sonnet",
  blocks: [],
  blockedBy: [160, "acme/other#7"],
} as const;

let redis: TestRedis;
let client: Redis;
let api: FakeAnthropic;
let prefix: string;

beforeAll(async () => {
  redis = await startRedis();
  client = new Redis(redis.url);
});
afterAll(async () => {
  await client.quit();
  await redis.stop();
});
beforeEach(async () => {
  api = await startFakeAnthropic();
  prefix = uniquePrefix();
});
afterEach(() => api.close());

/** As another process would have it: nothing shared but the store. */
function anotherParser() {
  const anthropic = createAnthropicClient({ apiKey: api.apiKey, baseURL: api.url, maxRetries: 0 });
  return cachedParser(anthropicParser(anthropic, { model: "claude-haiku-5-5" }), {
    cache: redisMetadataCache(client, prefix),
    model: "claude-haiku-5-5",
    onCacheError: (error) => {
      throw error;
    },
  });
}

describe("the metadata cache in Redis", () => {
  it("gives back what was put in, the absent staying absent", async () => {
    const cache = redisMetadataCache(client, prefix);
    await cache.set("a", whole);
    await cache.set("b", { blocks: [] });
    expect(await cache.get("a")).toEqual(whole);
    expect(await cache.get("b")).toStrictEqual({ blocks: [] });
    expect(await cache.get("c")).toBeNull();
  });

  it("keeps an answer for thirty days under its prefix", async () => {
    await redisMetadataCache(client, prefix).set("a", whole);
    const ttl = await client.ttl(`${prefix}:metadata:a`);
    expect(ttl).toBeGreaterThan(THIRTY_DAYS - 3_600);
    expect(ttl).toBeLessThanOrEqual(THIRTY_DAYS);
  });

  it.each(["", "{", "null", "[]", '{"difficulty":"extreme"}', '{"blocks":[{}]}'])(
    "takes a stored %j for not kept",
    async (stored) => {
      await client.set(`${prefix}:metadata:a`, stored);
      expect(await redisMetadataCache(client, prefix).get("a")).toBeNull();
    },
  );

  it("lets the model be called once for the same text by several processes", async () => {
    api.script({ kind: "json", value: { difficulty: "hard", blocked_by: ["#160"] } });
    const first = await anotherParser().parse("text", context);
    const second = await anotherParser().parse("text", context);
    expect(first).toEqual({ difficulty: "hard", blockedBy: [160] });
    expect(second).toEqual(first);
    expect(api.calls()).toBe(1);
  });

  it("keeps no failure: the next process asks again", async () => {
    api.script(
      { kind: "error", status: 529 },
      { kind: "text", text: "no JSON" },
      { kind: "json", value: { difficulty: "easy" } },
    );
    await expect(anotherParser().parse("text", context)).rejects.toThrow();
    await expect(anotherParser().parse("text", context)).rejects.toThrow();
    expect(await client.keys(`${prefix}*`)).toEqual([]);
    expect(await anotherParser().parse("text", context)).toEqual({ difficulty: "easy" });
  });
});
