import { expect, it } from "vitest";
import { standing } from "../../../chaos/world/standing.js";

it("what is given back ends alone, and once, whatever else is on", () => {
  const ended: string[] = [];
  const on = standing<string>((what) => ended.push(what));
  const first = on.begin("failing");
  const second = on.begin("hanging");
  const third = on.begin("failing");
  first();
  first();
  expect(on.all()).toEqual(["hanging", "failing"]);
  third();
  expect(on.all()).toEqual(["hanging"]);
  second();
  expect(on.all()).toEqual([]);
  expect(ended).toEqual(["failing", "failing", "hanging"]);
});
