import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

export type OperatorRole = "admin" | "viewer";

/** Who is logged in. A viewer reads; only an admin changes anything. */
export interface Operator {
  readonly username: string;
  readonly role: OperatorRole;
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** The users of the operators' pages, as configured. */
export interface Credentials {
  readonly admin: Login;
  readonly viewer?: Login | undefined;
}

/** Recognises people by what they present. */
export interface Identify {
  byPassword(given: Login): Operator | null;
  /** The admin, if `token` is the one of the login link. */
  byLoginToken(token: string): Operator | null;
}

/**
 * Compares in constant time: both sides are hashed under a key of this process, so neither their
 * length nor a common prefix shows in the timing, and no comparison is skipped.
 *
 * @throws RangeError for an empty password or token: an empty secret must never let anybody in.
 */
export function createIdentify(credentials: Credentials, loginToken: string | null): Identify {
  const { admin, viewer } = credentials;
  refuseEmpty("the admin's password", admin.password);
  refuseEmpty("the viewer's password", viewer?.password);
  refuseEmpty("the login token", loginToken);
  const same = constantTimeEquality();
  const fits = (given: Login, user: Login) =>
    [same(given.username, user.username), same(given.password, user.password)].every(Boolean);
  return {
    byPassword(given) {
      const isAdmin = fits(given, admin);
      const isViewer = viewer !== undefined && fits(given, viewer);
      if (isAdmin) return { username: admin.username, role: "admin" };
      return isViewer ? { username: viewer.username, role: "viewer" } : null;
    },
    byLoginToken: (token) =>
      loginToken !== null && same(token, loginToken)
        ? { username: admin.username, role: "admin" }
        : null,
  };
}

/** Reads an `Authorization: Basic …` header; null for anything else. */
export function readBasic(header: string | undefined): Login | null {
  const encoded = /^Basic +([A-Za-z0-9+/_-]+=*) *$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return null;
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon === -1) return null;
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

function constantTimeEquality(): (a: string, b: string) => boolean {
  const key = randomBytes(32);
  const digest = (text: string) => createHmac("sha256", key).update(text).digest();
  return (a, b) => timingSafeEqual(digest(a), digest(b));
}

function refuseEmpty(what: string, secret: string | null | undefined): void {
  if (secret === "") throw new RangeError(`${what} is empty, so it would let anybody in`);
}
