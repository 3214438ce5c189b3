import { randomBytes, randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { z } from "zod";

/**
 * Port and password of a folder's server, kept with its data. The port is the folder's lock: two
 * servers can't listen on one, and a server listens before it opens its data.
 */
export interface Access {
  readonly port: number;
  readonly password: string;
}

const FILE = "access.json";
const schema = z.object({ port: z.int().min(1).max(65_535), password: z.string().min(32) });

export function accessUrl(access: Access): string {
  return `redis://:${access.password}@127.0.0.1:${access.port}`;
}

/** The folder's access; made by whoever comes first. */
export async function openAccess(folder: string): Promise<Access> {
  const known = readAccess(folder);
  if (known !== null) return known;
  const fresh = writeAside(folder, { port: await freePort(), password: newPassword() });
  try {
    linkSync(fresh, join(folder, FILE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(fresh);
  }
  return readAccess(folder) ?? openAccess(folder);
}

/** Another port, since a stranger listens on the old one. */
export async function moveAccess(folder: string, old: Access): Promise<void> {
  if (readAccess(folder)?.port !== old.port) return;
  renameSync(writeAside(folder, { ...old, port: await freePort() }), join(folder, FILE));
}

export function newPassword(): string {
  return randomBytes(32).toString("hex");
}

/** A loopback port nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

/** Null: there is none yet. */
export function readAccess(folder: string): Access | null {
  const path = join(folder, FILE);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  return schema.parse(JSON.parse(text));
}

/** Written whole under another name first, so that nobody reads half of it. */
function writeAside(folder: string, access: Access): string {
  const path = join(folder, `${FILE}.${randomUUID()}`);
  writeFileSync(path, JSON.stringify(access), { mode: 0o600, flag: "wx", flush: true });
  return path;
}
