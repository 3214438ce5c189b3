import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** Debian's Chromium, or another one on PATH; null: there is none. None is ever downloaded. */
export const CHROMIUM = findOnPath();

/** A browser, for who has checked that there is one. */
export function launchBrowser(): Promise<Browser> {
  if (CHROMIUM === null) throw new Error("there is no Chromium on PATH");
  // Its sandbox wants a user of its own, and tests may run as root.
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
}

function findOnPath(): string | null {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const places = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return places.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
