import { CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { program } from "../../../src/cli/program.js";
import { exampleOf } from "../../support/commands.js";

/** What runs until it is told to stop prints a log, which is JSON where nobody looks at it. */
const PROCESSES = ["start", "receiver", "worker"];
const names = program().commands.map((command) => command.name());

/** A program that remembers what it was called with and does nothing. */
function recording() {
  const called: { name: string; json: unknown }[] = [];
  const root = program();
  for (const command of root.commands) {
    command.configureOutput({ writeOut: () => {}, writeErr: () => {} });
    command.action(() => {
      called.push({ name: command.name(), json: command.opts().json });
    });
  }
  return { root, called };
}

function command(name: string) {
  const found = program().commands.find((each) => each.name() === name);
  if (found === undefined) throw new Error(`there is no command ${name}`);
  return found;
}

describe("each command", () => {
  it("is there", () => {
    expect(names.length).toBeGreaterThan(15);
  });

  it.each(names)("%s says in a line what it does, and nothing is left undescribed", (name) => {
    const { options } = command(name);
    expect(command(name).description()).toMatch(/^[a-z].*[^.]$/);
    expect(options.filter(({ description }) => description === "")).toEqual([]);
  });

  it.each(names)("%s has an example of itself that it takes", async (name) => {
    const { root, called } = recording();
    const example = exampleOf(command(name));
    expect(example[0]).toBe(name);
    await root.parseAsync([...example], { from: "user" });
    expect(called.map((each) => each.name)).toEqual([name]);
  });

  it.each(names.filter((name) => !PROCESSES.includes(name)))("%s prints JSON", async (name) => {
    const { root, called } = recording();
    const example = exampleOf(command(name)).filter((each) => each !== "--json");
    await root.parseAsync([...example, "--json"], { from: "user" });
    expect(called).toEqual([{ name, json: true }]);
  });

  it.each(names)("%s refuses an option that it doesn't know", async (name) => {
    const { root, called } = recording();
    const args = [...exampleOf(command(name)), "--nonsense"];
    await expect(root.parseAsync(args, { from: "user" })).rejects.toThrow(CommanderError);
    expect(called).toEqual([]);
  });
});
