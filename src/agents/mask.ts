import { secretForms } from "../domain/secrets.js";

const MASK = "***";

/** Replaces configured secrets in texts that leave the process: logs, comments, error messages. */
export interface Masker {
  mask(text: string): string;
  /** For text that was cut: what is left of a secret at its ends is masked too. */
  maskCut(text: string): string;
  /** For text that comes in pieces: a secret cut in two is still found. */
  stream(): MaskingStream;
}

export interface MaskingStream {
  /** The part that can be shown already; the beginning of a possible secret is kept back. */
  push(chunk: string): string;
  /** The rest. */
  end(): string;
}

/** Masks secrets plain, percent-encoded, in hex and in base64. */
export function createMasker(secrets: readonly string[]): Masker {
  const forms = secretForms(secrets);
  const pattern = forms.length === 0 ? null : new RegExp(forms.map(literally).join("|"), "g");
  const mask = (text: string) => (pattern === null ? text : text.replace(pattern, MASK));
  return {
    mask,
    maskCut: (text) => withoutRests(forms, mask(text)),
    stream: () => maskingStream(forms, mask),
  };
}

function maskingStream(forms: readonly string[], mask: (text: string) => string): MaskingStream {
  let pending = "";
  return {
    push(chunk) {
      const text = mask(pending + chunk);
      const kept = possibleBeginning(forms, text);
      pending = text.slice(text.length - kept);
      return text.slice(0, text.length - kept);
    },
    end() {
      const rest = mask(pending);
      pending = "";
      return rest;
    },
  };
}

/** Shorter ones turn up by chance. */
const SHORTEST_REST = 4;

function withoutRests(forms: readonly string[], text: string): string {
  const ending = possibleBeginning(forms, text);
  const cut = ending < SHORTEST_REST ? text : `${text.slice(0, text.length - ending)}${MASK}`;
  const beginning = possibleBeginning(forms.map(backwards), backwards(cut));
  return beginning < SHORTEST_REST ? cut : `${MASK}${cut.slice(beginning)}`;
}

function backwards(text: string): string {
  return text.split("").reverse().join("");
}

/** How many characters at the end of `text` may be the beginning of a secret. */
function possibleBeginning(forms: readonly string[], text: string): number {
  let longest = 0;
  for (const form of forms) {
    const most = Math.min(form.length - 1, text.length);
    for (let length = most; length > longest; length -= 1) {
      if (text.endsWith(form.slice(0, length))) longest = length;
    }
  }
  return longest;
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
