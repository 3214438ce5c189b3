import { z } from "zod";

/** Forms of single values, for the environment and the fleet file alike. */

/**
 * A text of one form, said once: to who breaks it, to editors, and in the reference.
 * @param form goes on from "must be"
 */
export function text(form: string, check: RegExp | ((value: string) => boolean)) {
  const message = `must be ${form}`;
  const schema =
    check instanceof RegExp ? z.string().regex(check, message) : z.string().refine(check, message);
  return schema.meta({ patternErrorMessage: message });
}

export const filled = z.string().min(1);
export const minutes = z
  .number()
  .positive()
  .max(7 * 24 * 60);
export const count = z.int().min(1).max(10_000);
export const duration = text("a duration such as 90d, 24h, 30m or 45s", /^\d+(\.\d+)?[smhdw]$/);
export const command = z.array(filled).min(1);
export const key = text(
  "1 to 64 letters, digits, `_`, `.` or `-`, a letter or digit first",
  /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
);
export const httpUrl = text(
  "an http:// or https:// address without user and password",
  isHttpUrl,
).transform((url) => url.replace(/\/+$/, ""));

/** Git must never be given another transport, an option in disguise, or a password. */
export const remote = text(
  "http(s)://, ssh://, git@host:path or an absolute path, no password",
  isRemote,
);
export const branch = text("a safe branch name", isBranch);

function isHttpUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}

function isRemote(value: string): boolean {
  if (/[\s\p{Cc}\p{Cf}]/u.test(value)) return false;
  if (value.startsWith("/")) return !value.split("/").includes("..");
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:(?![-/]*-)[^:]+$/.test(value)) {
    return true;
  }
  if (!/^(https?|ssh):\/\//.test(value) || !URL.canParse(value)) return false;
  const url = new URL(value);
  const userOk = url.protocol === "ssh:" ? !url.username.startsWith("-") : url.username === "";
  return userOk && url.password === "" && url.hostname !== "" && !url.hostname.startsWith("-");
}

function isBranch(value: string): boolean {
  return (
    /^[A-Za-z0-9_][A-Za-z0-9_./+-]{0,199}$/.test(value) &&
    !/\.\.|\/\/|\/\.|[/.]$|\.lock(\/|$)/.test(value)
  );
}
