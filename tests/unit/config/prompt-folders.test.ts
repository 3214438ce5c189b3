import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError } from "../../../src/config/errors.js";
import { type ConfigSource, loadConfig } from "../../../src/config/load.js";

const env = { GITEA_URL: "https://git.example.org" };
const AGENTS = "agents: { default: { command: [agent] } }\n";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "config-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(yaml: string, source: Partial<ConfigSource> = {}) {
  writeFileSync(join(folder, "stagecoach.yaml"), yaml);
  return loadConfig({ env, cwd: folder, ...source });
}

function problems(yaml: string, source: Partial<ConfigSource> = {}): readonly string[] {
  try {
    load(yaml, source);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("prompts", () => {
  const two = (text: string) =>
    `bot: b\n${AGENTS}projects:\n  - { repo: acme/rocket${text} }\n  - { repo: acme/lander, prefix: LA }\n`;

  it("are looked for in the project's folder, then in the fleet's, beside the file", () => {
    mkdirSync(join(folder, "house"));
    mkdirSync(join(folder, "rocket"));
    writeFileSync(join(folder, "rocket/developer.md"), "Build {{task}}.");
    expect(load(two("")).prompts).toEqual({ rocket: [], lander: [] });
    expect(load(`${two(", prompts: ./rocket")}prompts: house\n`).prompts).toEqual({
      rocket: [join(folder, "rocket"), join(folder, "house")],
      lander: [join(folder, "house")],
    });
  });

  it("are all checked at start, with the file at fault", () => {
    mkdirSync(join(folder, "house"));
    writeFileSync(join(folder, "house/frame.md"), "{{ task }}");
    writeFileSync(join(folder, "house/tester.md"), "{{nobody}} {{instructions}}");
    writeFileSync(join(folder, "house/develper.md"), "");
    writeFileSync(join(folder, "house/notes.txt"), "{{whatever}}");
    mkdirSync(join(folder, "house/analyst.md"));
    const yaml = `${two(", prompts: nowhere")}prompts: house\n`;
    expect([...problems(yaml)].sort()).toEqual([
      `projects[0].prompts: ${join(folder, "nowhere")} doesn't exist`,
      `prompts: ${join(folder, "house/analyst.md")} can't be read (EISDIR)`,
      expect.stringMatching(
        /^prompts: .*\/house\/develper\.md is no prompt's name; known: frame\.md/,
      ),
      expect.stringMatching(/^prompts: .*\/house\/frame\.md lacks \{\{instructions\}\}/),
      expect.stringMatching(
        /^prompts: .*\/house\/tester\.md names the unknown \{\{instructions\}\}/,
      ),
      expect.stringMatching(/^prompts: .*\/house\/tester\.md names the unknown \{\{nobody\}\}/),
    ]);
    expect(problems(yaml, { needs: "intake" })).toEqual([]);
  });

  it("may not be a file", () => {
    writeFileSync(join(folder, "house"), "");
    expect(problems(`${two("")}prompts: house\n`)).toEqual([
      `prompts: ${join(folder, "house")} can't be read (ENOTDIR)`,
    ]);
  });
});
