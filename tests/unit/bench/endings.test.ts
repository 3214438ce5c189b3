import { expect, it } from "vitest";
import { createEndings } from "../../../bench/endings.js";

it("what is open at the end is closed once, the latest first, whatever fails", async () => {
  const closed: string[] = [];
  const { atEnd, endAll } = createEndings();
  const closing = (name: string) => async () => void closed.push(name);
  atEnd(closing("folder"));
  atEnd(async () => {
    throw new Error("it would not stop");
  });
  atEnd(closing("client"));
  await expect(endAll()).rejects.toThrow("it would not stop");
  expect(closed).toEqual(["client", "folder"]);
  await endAll();
  expect(closed).toEqual(["client", "folder"]);
});
