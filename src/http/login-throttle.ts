import { isIPv6 } from "node:net";

const FREE_FAILURES = 5;
const LONGEST_WAIT_MS = 60_000;
const FORGET_AFTER_MS = 15 * 60_000;

/** Slows down whoever guesses passwords, by network address. */
export interface LoginThrottle {
  /** Milliseconds to wait before a password from `address` is looked at again; 0: now. */
  waitMs(address: string): number;
  failed(address: string): void;
  succeeded(address: string): void;
}

/**
 * Five failures are free; each further one locks its address for 1 s, doubling to a minute, and a
 * quarter of an hour without one forgets. Memory is bounded: the address that failed longest ago
 * goes first. Login links and sessions are not slowed, so nobody can lock an operator out for good
 * by failing from the same address (agents share the loopback address with people).
 */
export function createLoginThrottle(
  clock: () => Date,
  options: { readonly maxAddresses: number } = { maxAddresses: 10_000 },
): LoginThrottle {
  const failures = new Map<string, { readonly count: number; readonly at: number }>();
  return {
    waitMs(address) {
      const known = failures.get(network(address));
      if (known === undefined) return 0;
      return Math.max(0, known.at + lockMs(known.count) - clock().getTime());
    },
    failed(address) {
      const key = network(address);
      const now = clock().getTime();
      const before = failures.get(key);
      const recent = before !== undefined && now - before.at < FORGET_AFTER_MS ? before.count : 0;
      failures.delete(key);
      failures.set(key, { count: recent + 1, at: now });
      const oldest = failures.keys().next().value;
      if (failures.size > options.maxAddresses && oldest !== undefined) failures.delete(oldest);
    },
    succeeded(address) {
      failures.delete(network(address));
    },
  };
}

function lockMs(count: number): number {
  if (count <= FREE_FAILURES) return 0;
  return Math.min(LONGEST_WAIT_MS, 1000 * 2 ** Math.min(count - FREE_FAILURES - 1, 16));
}

/** One household usually has a whole /64 of IPv6, so that counts as one address. */
function network(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? [] : Array(8 - groups.length - after.length).fill("0");
  return [...groups, ...zeros, ...after].slice(0, 4).join(":");
}
