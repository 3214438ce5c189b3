import { describe, expect, it } from "vitest";
import { parseRedisAddress, RedisAddressError, redactUrl } from "../../../src/redis/address.js";

describe("Redis's address", () => {
  it.each(["redis://127.0.0.1:6379", "rediss://user:secret@redis.example.org:6380/2"])(
    "is one server: %s",
    (url) => {
      expect(parseRedisAddress(url)).toEqual({ kind: "standalone", url });
    },
  );

  it("is a Cluster's seeds, with or without credentials and TLS", () => {
    expect(parseRedisAddress("redis+cluster://a:7000,[::1]:7001,c")).toEqual({
      kind: "cluster",
      nodes: [
        { host: "a", port: 7000 },
        { host: "::1", port: 7001 },
        { host: "c", port: 6379 },
      ],
      tls: false,
      username: undefined,
      password: undefined,
    });
    expect(parseRedisAddress("rediss+cluster://fleet:p%40s:s@a:7000")).toMatchObject({
      tls: true,
      username: "fleet",
      password: "p@s:s",
    });
    expect(parseRedisAddress("redis+cluster://:only@a")).toMatchObject({
      username: undefined,
      password: "only",
    });
  });

  it.each([
    "http://127.0.0.1",
    "redis+cluster://",
    "redis+cluster://a:b:c",
    "redis+cluster://:%zz@a",
    "redis://:hunter2@:port",
    "",
  ])("is refused without its text being repeated: %s", (url) => {
    expect(() => parseRedisAddress(url)).toThrow(RedisAddressError);
    expect(() => parseRedisAddress(url)).not.toThrow(/hunter2/);
  });

  it.each([
    ["redis://127.0.0.1:6379", "redis://127.0.0.1:6379"],
    ["redis://:secret@host:6379/1", "redis://:***@host:6379/1"],
    ["rediss://user:se@cr:et@host", "rediss://user:***@host"],
    ["redis+cluster://user:secret@a:1,b:2", "redis+cluster://user:***@a:1,b:2"],
    ["redis://host?password=secret", "redis://host"],
    ["secret", "(unreadable address)"],
  ])("is shown without its password: %s", (url, shown) => {
    expect(redactUrl(url)).toBe(shown);
  });
});
