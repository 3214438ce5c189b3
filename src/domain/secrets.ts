/** Shorter secrets would be found in every other text, and masking them would leave nothing to read. */
const SHORTEST_SECRET = 4;
/** An encoded piece shorter than this turns up by chance. */
const SHORTEST_ENCODED = 8;

/**
 * The ways a secret may stand in a text: plain, percent-encoded, hex in either case, base64 and
 * base64url wherever in the encoded data it begins. Longest first, each once.
 */
export function secretForms(secrets: readonly string[]): readonly string[] {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < SHORTEST_SECRET) continue;
    forms.add(secret);
    for (const form of encodedForms(secret)) {
      if (form.length >= SHORTEST_ENCODED) forms.add(form);
    }
  }
  return [...forms].sort((a, b) => b.length - a.length);
}

function encodedForms(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, "utf8");
  const hex = bytes.toString("hex");
  const base64 = [0, 1, 2].map((offset) => base64At(bytes, offset));
  return [
    encodeURIComponent(secret),
    hex,
    hex.toUpperCase(),
    ...base64,
    ...base64.map((form) => form.replaceAll("+", "-").replaceAll("/", "_")),
  ];
}

/** The characters of base64 that depend on the secret alone when `offset` bytes precede it. */
function base64At(secret: Buffer, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), secret]).toString("base64");
  const first = Math.ceil((offset * 8) / 6);
  const last = Math.floor(((offset + secret.length) * 8) / 6);
  return encoded.slice(first, last);
}
