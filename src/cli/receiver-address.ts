import { HOOK_PATH } from "../webhooks/gitea/hook-events.js";

/** Where Gitea's webhooks lead, of the address under which a receiver is reached. */
export function receiverAddress(url: string): string {
  const base = url.replace(/\/+$/, "");
  return base.endsWith(HOOK_PATH) ? base : `${base}${HOOK_PATH}`;
}

/** Is it an http(s) address that may be shown and stored: without a password, query or fragment? */
export function isReceiverUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && [username, password, search, hash].every((p) => p === "");
}
