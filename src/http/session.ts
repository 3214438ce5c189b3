import { createHmac, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import type { Credentials, Login, Operator, OperatorRole } from "./credentials.js";

const derive = promisify<string, string, number, Buffer>(scrypt);

/** A working day: long enough not to be in the way, short enough for a lost laptop. */
export const SESSION_HOURS = 12;
const TOKEN = /^v1\.(admin|viewer)\.(\d{1,15})\.([\w-]{43})$/;

/** Stateless sessions: what the cookie says, signed. */
export interface Sessions {
  issue(operator: Operator): Promise<{ readonly token: string; readonly expires: Date }>;
  /** Null for a token that is malformed, expired, or signed under another password. */
  read(token: string): Promise<Operator | null>;
}

/**
 * Each user's sessions are signed with a key derived from that user's own name and password. So any
 * process with the same credentials accepts them, nothing is stored, changing a password voids its
 * sessions, and a viewer, who knows one password, can't sign for an admin. scrypt makes guessing the
 * password from a stolen cookie slow. Keys are derived on first use.
 */
export function createSessions(credentials: Credentials, clock: () => Date): Sessions {
  const users: Record<OperatorRole, Login | undefined> = {
    admin: credentials.admin,
    viewer: credentials.viewer,
  };
  const keys = new Map<OperatorRole, Promise<Buffer>>();
  const keyOf = (role: OperatorRole, user: Login) => {
    const known = keys.get(role);
    if (known !== undefined) return known;
    const key = derive(user.password, `stagecoach session v1 ${role} ${user.username}`, 32);
    keys.set(role, key);
    return key;
  };
  const sign = async (role: OperatorRole, user: Login, claim: string) =>
    createHmac("sha256", await keyOf(role, user))
      .update(claim)
      .digest();

  return {
    async issue({ role }) {
      const user = users[role];
      if (user === undefined) throw new RangeError(`there is no ${role} to make a session for`);
      const expires = new Date(clock().getTime() + SESSION_HOURS * 3_600_000);
      const claim = `v1.${role}.${expires.getTime()}`;
      const signature = await sign(role, user, claim);
      return { token: `${claim}.${signature.toString("base64url")}`, expires };
    },
    async read(token) {
      const [, role, expires, signature] = TOKEN.exec(token) ?? [];
      if (role !== "admin" && role !== "viewer") return null;
      const user = users[role];
      if (user === undefined || signature === undefined) return null;
      const expected = await sign(role, user, `v1.${role}.${expires}`);
      if (!timingSafeEqual(expected, Buffer.from(signature, "base64url"))) return null;
      return Number(expires) > clock().getTime() ? { username: user.username, role } : null;
    },
  };
}
