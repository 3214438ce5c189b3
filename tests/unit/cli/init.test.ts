import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { placeOf } from "../../../src/cli/init/detect.js";
import { fleetFileText, RUNNERS } from "../../../src/cli/init/fleet-file-text.js";
import { nextSteps, stepsText } from "../../../src/cli/init/next-steps.js";
import { loadConfig } from "../../../src/config/load.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "init-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const wishes = {
  repo: "acme/rocket",
  baseBranch: "trunk",
  bot: "devbot",
  prefix: "RK",
  approvers: ["alice", "alice@acme.dev"],
  schema: "./stagecoach.schema.json",
};

describe("the fleet file that is written", () => {
  for (const runner of RUNNERS) {
    it(`loads without a problem, with the runner ${runner}`, () => {
      writeFileSync(join(folder, "stagecoach.yaml"), fleetFileText({ ...wishes, runner }));
      const env = { GITEA_URL: "https://git.example.org", ANTHROPIC_API_KEY: "sk-key" };
      const { fleet, warnings } = loadConfig({ env, cwd: folder });
      expect(warnings).toEqual([]);
      expect(fleet).toMatchObject({ bot: "devbot", approvers: ["alice", "alice@acme.dev"] });
      expect(fleet.projects).toMatchObject([
        { repo: "acme/rocket", baseBranch: "trunk", prefix: "RK", pipeline: "full" },
      ]);
      expect(fleet.projects[0]?.agents.developer?.runner).toBe(runner);
    });
  }

  it("quotes names that YAML would take for something else, and has no key twice", () => {
    const strange = {
      ...wishes,
      runner: "claude-code",
      bot: "007",
      approvers: ["yes: no"],
    } as const;
    const text = fleetFileText(strange);
    writeFileSync(join(folder, "stagecoach.yaml"), text);
    const { fleet } = loadConfig({ env: { GITEA_URL: "https://g.example" }, cwd: folder });
    expect(fleet).toMatchObject({ bot: "007", approvers: ["yes: no"] });
    expect(text.match(/silentMinutes/g)).toHaveLength(1);
  });

  it("warns of nobody to approve, as nobody was named", () => {
    const text = fleetFileText({ ...wishes, runner: "command", approvers: [] });
    writeFileSync(join(folder, "stagecoach.yaml"), text);
    const { warnings } = loadConfig({ env: { GITEA_URL: "https://g.example" }, cwd: folder });
    expect(warnings.join()).toContain("nobody may approve");
  });

  it("names each line that is commented out as the schema knows it", () => {
    const text = fleetFileText({ ...wishes, runner: "command" });
    const all = text
      .split("\n")
      .map((line) => line.replace(/^(\s*)# (\w+:)/, "$1$2"))
      .join("\n");
    writeFileSync(join(folder, "stagecoach.yaml"), all);
    const { settings } = loadConfig({ env: { GITEA_URL: "https://g.example" }, cwd: folder });
    expect(settings.budget.perItem).toEqual({ unit: "usd", amount: 10 });
  });
});

describe("the repository of a git address", () => {
  const rows: readonly [string, string | null, string | null][] = [
    ["https://git.example.org/acme/rocket.git", "acme/rocket", "https://git.example.org"],
    ["http://localhost:3000/acme/rocket", "acme/rocket", "http://localhost:3000"],
    ["https://example.org/gitea/acme/rocket.git", "acme/rocket", "https://example.org/gitea"],
    ["git@git.example.org:acme/rocket.git", "acme/rocket", "https://git.example.org"],
    ["ssh://git@git.example.org:2222/acme/rocket.git", "acme/rocket", "https://git.example.org"],
    ["/srv/git/rocket.git", null, null],
    ["", null, null],
    [
      "https://user:secret@git.example.org/acme/rocket.git",
      "acme/rocket",
      "https://git.example.org",
    ],
  ];
  it.each(rows)("%s", (address, repo, forge) => {
    expect(placeOf(address)).toEqual({ repo, forge });
  });
});

describe("what is left to do", () => {
  it("names the variables and the commands, with the runner's key and the file", () => {
    const text = stepsText(nextSteps("https://git.example.org", "anthropic", "fleet.yaml"));
    expect(text).toContain("export GITEA_URL=https://git.example.org\n");
    expect(text).toContain("export ANTHROPIC_API_KEY=…");
    expect(text).toContain("stagecoach doctor --config fleet.yaml");
    expect(text).toMatch(/stagecoach hooks --config fleet.yaml --url /);
  });
});
