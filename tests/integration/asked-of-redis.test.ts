import { afterEach, expect, it } from "vitest";
import { askedDuring } from "../../bench/asked-of-redis.js";
import { connect } from "../support/receiver.js";
import { type OwnRedis, startOwnRedis } from "../support/redis.js";

let server: OwnRedis | undefined;
afterEach(() => server?.stop());

it("what Redis is asked is counted to the last word, scripts' own words apart, idle waits not", async () => {
  server = await startOwnRedis();
  const redis = connect(server.url);
  await redis.connect();
  // What a client says of itself when it has connected is over.
  await redis.ping();
  const script = "redis.call('SET', KEYS[1], 'a'); return redis.call('GET', KEYS[1])";
  const asked = await askedDuring(server.url, async () => {
    await redis.set("one", "1");
    await redis.eval(script, 1, "two");
    await redis.bzpopmin("nothing", 0.01);
    await redis.get('say "lua" [0 lua]');
  });
  expect(asked).toEqual({ byClients: 3, inScripts: 2 });
  redis.disconnect();
});
