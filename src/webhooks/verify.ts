import { createHmac, timingSafeEqual } from "node:crypto";

/** A bare hex SHA-256; a header sent twice arrives joined by ", " and doesn't fit. */
const HEX_SHA256 = /^[0-9a-f]{64}$/i;

/**
 * Is `signature` the hex HMAC-SHA256 of exactly these bytes under one of the secrets? Several
 * secrets allow one to be rotated; an empty one never verifies. Takes the same time whichever fits.
 */
export function isSignedBy(
  secrets: readonly string[],
  bytes: Buffer,
  signature: string | undefined,
): boolean {
  if (signature === undefined || !HEX_SHA256.test(signature)) return false;
  const given = Buffer.from(signature, "hex");
  let signed = false;
  for (const secret of secrets) {
    if (secret === "") continue;
    const expected = createHmac("sha256", secret).update(bytes).digest();
    if (timingSafeEqual(expected, given)) signed = true;
  }
  return signed;
}
