import { describe, expect, it } from "vitest";
import { createLoginThrottle } from "../../../src/http/login-throttle.js";

function throttleAt(maxAddresses = 10) {
  let ms = 0;
  const throttle = createLoginThrottle(() => new Date(ms), { maxAddresses });
  const fail = (address: string, times: number) => {
    for (let i = 0; i < times; i++) throttle.failed(address);
  };
  return { throttle, fail, pass: (by: number) => (ms += by) };
}

describe("the login throttle", () => {
  it("lets five failures pass, then waits a second, then twice as long", () => {
    const { throttle, fail, pass } = throttleAt();
    fail("10.0.0.1", 5);
    expect(throttle.waitMs("10.0.0.1")).toBe(0);
    fail("10.0.0.1", 1);
    expect(throttle.waitMs("10.0.0.1")).toBe(1000);
    pass(1000);
    expect(throttle.waitMs("10.0.0.1")).toBe(0);
    fail("10.0.0.1", 1);
    expect(throttle.waitMs("10.0.0.1")).toBe(2000);
  });

  it("never waits longer than a minute, and forgets after a quarter of an hour", () => {
    const { throttle, fail, pass } = throttleAt();
    fail("10.0.0.1", 500);
    expect(throttle.waitMs("10.0.0.1")).toBe(60_000);
    pass(15 * 60_000);
    fail("10.0.0.1", 1);
    expect(throttle.waitMs("10.0.0.1")).toBe(0);
  });

  it("forgets an address that logged in, and counts addresses apart", () => {
    const { throttle, fail } = throttleAt();
    fail("10.0.0.1", 9);
    expect(throttle.waitMs("10.0.0.2")).toBe(0);
    throttle.succeeded("10.0.0.1");
    expect(throttle.waitMs("10.0.0.1")).toBe(0);
  });

  it("counts a whole IPv6 network as one address, and a mapped IPv4 address as itself", () => {
    const { throttle, fail } = throttleAt();
    fail("2001:db8:1:2::1", 3);
    fail("2001:db8:1:2:ffff:1:2:3", 3);
    expect(throttle.waitMs("2001:db8:1:2::99")).toBe(1000);
    expect(throttle.waitMs("2001:db8:1:3::1")).toBe(0);
    fail("::ffff:10.0.0.7", 6);
    expect(throttle.waitMs("10.0.0.7")).toBe(1000);
    expect(throttle.waitMs("::ffff:10.0.0.8")).toBe(0);
  });

  it("remembers a bounded number of addresses: the one that failed longest ago goes first", () => {
    const { throttle, fail } = throttleAt(2);
    fail("10.0.0.1", 6);
    fail("10.0.0.2", 6);
    fail("10.0.0.1", 1);
    fail("10.0.0.3", 6);
    expect(throttle.waitMs("10.0.0.2")).toBe(0);
    expect(throttle.waitMs("10.0.0.1")).toBe(2000);
    expect(throttle.waitMs("10.0.0.3")).toBe(1000);
  });
});
