/** Where Redis is: one server, or the seeds of a Cluster. */
export type RedisAddress =
  | { readonly kind: "standalone"; readonly url: string }
  | {
      readonly kind: "cluster";
      readonly nodes: readonly { readonly host: string; readonly port: number }[];
      readonly tls: boolean;
      readonly username: string | undefined;
      readonly password: string | undefined;
    };

const CLUSTER = /^(rediss?)\+cluster:\/\/(?:([^@/]*)@)?([^/?@]+)\/?$/;

/**
 * `redis://…` and `rediss://…` (TLS) are one server; `redis+cluster://user:password@a:7000,b:7001`
 * and `rediss+cluster://…` are seeds of a Cluster, one being enough. User and password are
 * percent-encoded.
 * @throws RedisAddressError
 */
export function parseRedisAddress(url: string): RedisAddress {
  if (/^rediss?:\/\//.test(url)) {
    if (!URL.canParse(url)) throw new RedisAddressError();
    return { kind: "standalone", url };
  }
  const [, scheme, credentials, hosts] = CLUSTER.exec(url) ?? [];
  if (hosts === undefined) throw new RedisAddressError();
  const [username, password] = (credentials ?? "").split(/:(.*)/s).map(decode);
  return {
    kind: "cluster",
    nodes: hosts.split(",").map(parseNode),
    tls: scheme === "rediss",
    username: username === "" ? undefined : username,
    password: password === "" ? undefined : password,
  };
}

/** The address without its password, for logs and errors. */
export function redactUrl(url: string): string {
  const afterScheme = /^([a-z+]+:\/\/)(.*)$/is.exec(url);
  if (afterScheme === null) return "(unreadable address)";
  const [, scheme = "", rest = ""] = afterScheme;
  const at = rest.lastIndexOf("@");
  const query = rest.slice(at + 1).replace(/\?.*$/s, "");
  if (at === -1) return `${scheme}${query}`;
  const user = rest.slice(0, at).split(":", 1)[0] ?? "";
  return `${scheme}${user}:***@${query}`;
}

/** REDIS_URL isn't an address. Says nothing of its text, which may hold a password. */
export class RedisAddressError extends Error {
  readonly code = "redis-address-invalid";

  constructor() {
    super(
      "REDIS_URL is not an address: use redis://host:port, rediss://… for TLS, or redis+cluster://host:port,host:port for a Cluster",
    );
    this.name = "RedisAddressError";
  }
}

function parseNode(text: string): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw new RedisAddressError();
  return { host, port: Number(port ?? 6379) };
}

function decode(text: string): string {
  if (!/^([^%]|%[0-9A-Fa-f]{2})*$/.test(text)) throw new RedisAddressError();
  return decodeURIComponent(text);
}
