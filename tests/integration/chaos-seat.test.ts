import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { takeSeat } from "../../chaos/world/seat.js";
import { until } from "../support/processes.js";

/** Says that it is there, and ends so when it is told to stop. */
const sitter = (code: string) => `
  process.on("SIGTERM", () => process.exit(${code}));
  console.log(process.pid);
  setInterval(() => {}, 1_000);
`;

async function seatOf(code: string) {
  const folder = await mkdtemp(join(tmpdir(), "stagecoach-chaos-seat-"));
  const [entry, log] = [join(folder, "entry.mjs"), join(folder, "log")];
  await writeFile(entry, sitter(code));
  const seat = takeSeat("stage-1", "stage", {}, log, entry);
  onTestFinished(async () => {
    await seat.leave();
    await rm(folder, { recursive: true, force: true });
  });
  const sat = async () => (await readFile(log, "utf8")).split("\n").filter(Boolean).map(Number);
  return { seat, sat };
}

it("who is replaced in chaos and doesn't end with 0 is told of at the end", async () => {
  const { seat, sat } = await seatOf("3");
  await seat.replace();
  await until("another sits there", async () => (await sat()).length === 2);
  const wrong = "ended with 3 when it was told to stop";
  expect(await seat.leave()).toEqual([wrong, wrong]);
});

it("who ends with 0 isn't told of, nor who is replaced before it listens", async () => {
  const { seat, sat } = await seatOf("0");
  await seat.replace();
  expect(await sat()).toHaveLength(1);
  await until("another sits there", async () => (await sat()).length === 2);
  expect(seat.signal("SIGCONT")).toBe(true);
  expect(await seat.leave()).toEqual([]);
  expect(seat.signal("SIGCONT")).toBe(false);
});

it("who ends by itself is told of, and who is killed isn't", async () => {
  const { seat, sat } = await seatOf("0");
  const seats = async (count: number) =>
    until("somebody sits there", async () => (await sat()).length === count);
  await seats(1);
  expect(seat.signal("SIGKILL")).toBe(true);
  await seats(2);
  process.kill(seat.pid(), "SIGTERM");
  await seats(3);
  expect(await seat.leave()).toEqual(["ended with 0 by itself"]);
});
