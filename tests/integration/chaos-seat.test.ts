import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { takeSeat } from "../../chaos/world/seat.js";
import { until } from "../support/processes.js";

/** Starts, and ends so when it is told to stop. */
const sitter = (code: string) => `
  process.on("SIGTERM", () => process.exit(${code}));
  console.log("it is up");
  setInterval(() => {}, 1_000);
`;

/** Ends so while it starts. */
const failing = (code: string) => `console.log("starting"); process.exit(${code});`;

async function seatOf(first: string) {
  const folder = await mkdtemp(join(tmpdir(), "stagecoach-chaos-seat-"));
  const [entry, log] = [join(folder, "entry.mjs"), join(folder, "log")];
  /** What whoever sits there next runs. */
  const next = (script: string) => writeFile(entry, script);
  await next(first);
  const seat = takeSeat("stage-1", "stage", {}, log, entry);
  onTestFinished(async () => {
    await seat.leave();
    await rm(folder, { recursive: true, force: true });
  });
  const sat = async () => (await readFile(log, "utf8")).split("\n").filter(Boolean);
  const seats = (count: number) =>
    until("somebody sits there", async () => (await sat()).length >= count);
  return { seat, next, sat, seats };
}

it("who is replaced in chaos and doesn't end with 0 is told of at the end", async () => {
  const { seat, seats } = await seatOf(sitter("3"));
  await seat.replace();
  await seats(2);
  const wrong = "ended with 3 when it was told to stop";
  expect(await seat.leave()).toEqual([wrong, wrong]);
});

it("who ends with 0 isn't told of, nor who is replaced before it listens", async () => {
  const { seat, sat, seats } = await seatOf(sitter("0"));
  await seat.replace();
  expect(await sat()).toHaveLength(1);
  await seats(2);
  expect(seat.signal("SIGCONT")).toBe(true);
  expect(await seat.leave()).toEqual([]);
  expect(seat.signal("SIGCONT")).toBe(false);
});

it("who ends by itself is told of, and who is killed isn't", async () => {
  const { seat, next, seats } = await seatOf(sitter("1"));
  await seats(1);
  expect(seat.signal("SIGKILL")).toBe(true);
  await seats(2);
  await next(sitter("0"));
  process.kill(seat.pid(), "SIGTERM");
  await seats(3);
  expect(await seat.leave()).toEqual(["ended with 1 by itself"]);
});

it("who finds no Redis while it starts isn't told of, if it starts later", async () => {
  const { seat, next, sat, seats } = await seatOf(failing("1"));
  await seats(2);
  await next(sitter("0"));
  await until("it is up", async () => (await sat()).includes("it is up"));
  expect(await seat.leave()).toEqual([]);
});

it("who never starts any more is told of, once", async () => {
  const { seat, seats } = await seatOf(failing("1"));
  await seats(2);
  await until("nobody sits there", () => seat.pid() === 0);
  expect(await seat.leave()).toEqual(["didn't start any more"]);
  expect(await seat.leave()).toEqual(["didn't start any more"]);
});

it("who has nothing to wait for and doesn't start is told of", async () => {
  const { seat, seats } = await seatOf(failing("2"));
  await seats(1);
  await until("nobody sits there", () => seat.pid() === 0);
  expect(new Set(await seat.leave())).toEqual(new Set(["ended with 2 by itself"]));
});
