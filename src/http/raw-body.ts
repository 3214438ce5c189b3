import type { IncomingMessage } from "node:http";
import { type BodyRoom, SMALL_BODY } from "./body-room.js";

export type RawBody =
  | { readonly kind: "whole"; readonly bytes: Buffer }
  | { readonly kind: "too-large" }
  /** Too large while so many others are under way. */
  | { readonly kind: "crowded" }
  /** The sender hung up: nobody is left to answer. */
  | { readonly kind: "aborted" };

/**
 * Reads a request's body byte for byte, holding at most `limit` bytes. Of one that is too large the
 * rest is read and thrown away, so that the sender gets to see the answer; the server's own request
 * timeout bounds how long. What is beyond a small body's size takes its room until it is whole.
 */
export function readRawBody(
  request: IncomingMessage,
  limit: number,
  room: BodyRoom,
): Promise<RawBody> {
  if (Number(request.headers["content-length"]) > limit) {
    request.resume();
    return Promise.resolve({ kind: "too-large" });
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let taken = 0;
    let settled = false;
    const fits = () => {
      const needed = Math.max(0, size - SMALL_BODY) - taken;
      if (!room.take(needed)) return false;
      taken += needed;
      return true;
    };
    const settle = (body: RawBody) => {
      if (settled) return;
      settled = true;
      room.give(taken);
      resolve(body);
    };
    const onData = (chunk: Buffer) => {
      if (settled) return;
      size += chunk.length;
      if (size > limit) settle({ kind: "too-large" });
      else if (!fits()) settle({ kind: "crowded" });
      else chunks.push(chunk);
    };
    const onEnd = () => settle({ kind: "whole", bytes: Buffer.concat(chunks, size) });
    const onAbort = () => settle({ kind: "aborted" });
    request.on("data", onData).on("end", onEnd).on("close", onAbort).on("error", onAbort);
    if (request.destroyed) onAbort();
  });
}
