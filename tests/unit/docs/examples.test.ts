import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { fleetFileSchema } from "../../../src/config/fleet-file.js";

const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
const examples = [...readme.matchAll(/^ *```yaml\n([\s\S]*?)^ *```$/gm)].map(
  ([, text = ""]) => text,
);

describe("README's examples of stagecoach.yaml", () => {
  it("are found", () => expect(examples.length).toBeGreaterThanOrEqual(4));

  it.each(examples)("hold only what is known, and values it takes: %#", (text) => {
    const { error } = fleetFileSchema.partial().safeParse(parse(text));
    // The address of a project in Plane is shortened where it is shown.
    const wrong = error?.issues.filter(({ path }) => path.at(-1) !== "project") ?? [];
    expect(wrong).toEqual([]);
  });
});
