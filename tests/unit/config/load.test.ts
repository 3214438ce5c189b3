import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError } from "../../../src/config/errors.js";
import { fleetJsonSchema } from "../../../src/config/json-schema.js";
import { type ConfigSource, loadConfig } from "../../../src/config/load.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const env = { GITEA_URL: "https://git.example.org" };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "config-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const AGENTS = "agents: { default: { command: [agent] } }\n";
const MINIMAL = `bot: devbot\nprojects: [{ repo: acme/rocket }]\n${AGENTS}`;

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

const withProject = (text: string) =>
  `bot: devbot\n${AGENTS}projects:\n  - repo: acme/rocket\n${text.replace(/^/gm, "    ")}\n`;

describe("a fleet file", () => {
  it("needs little: the rest has defaults", () => {
    const { fleet, settings } = load(MINIMAL);
    const [project] = fleet.projects;
    expect(fleet).toMatchObject({ bot: "devbot", approvers: [], limits: { developerRuns: 3 } });
    expect(Object.keys(fleet.pipelines)).toEqual(["full", "direct"]);
    expect(Object.keys(fleet.models)).toEqual(["haiku", "sonnet", "opus"]);
    expect(project).toMatchObject({
      name: "rocket",
      repo: "acme/rocket",
      remote: "https://git.example.org/acme/rocket.git",
      baseBranch: "main",
      plane: null,
      prefix: "ET",
      pipeline: "full",
      maxConcurrentRuns: 2,
      gates: {
        "tests-local": { command: ["npm", "test"], timeoutMinutes: 15 },
        "ci-green": { contexts: [] },
      },
      protectedPaths: [".gitea/**", ".forgejo/**", ".github/**"],
      dependenciesMetBy: "done",
      onDone: { merge: false, closeIssue: false },
    });
    expect(project?.agents.analyst).toEqual({
      runner: "command",
      command: ["agent"],
      script: null,
      timeoutMinutes: 30,
      silentMinutes: 5,
      env: [],
      sandbox: "auto",
      user: null,
      model: "assigned",
      maxConcurrent: null,
    });
    expect(settings).toEqual({
      parser: "rules",
      parserModel: "haiku",
      budget: { perItem: null, perDay: null },
      projectBudgets: {},
      retention: {
        deliveriesMs: 604_800_000,
        jobsMs: 604_800_000,
        bodiesMs: 86_400_000,
        doneItemsMs: 7_776_000_000,
        checkoutsMs: 604_800_000,
      },
      drainMinutes: null,
      maxBodyBytes: 5_242_880,
      maxSpoolBytes: 268_435_456,
      maxRunBytes: 104_857_600,
      freeDiskBytes: 1_073_741_824,
    });
  });

  it("is found in the working folder, by STAGECOACH_CONFIG, or by --config before both", () => {
    for (const [name, bot] of [
      ["stagecoach.yaml", "one"],
      ["two.yaml", "two"],
      ["three.yaml", "three"],
    ]) {
      writeFileSync(join(folder, name ?? ""), MINIMAL.replace("devbot", bot ?? ""));
    }
    const named = { ...env, STAGECOACH_CONFIG: "two.yaml" };
    expect(loadConfig({ env, cwd: folder }).fleet.bot).toBe("one");
    expect(loadConfig({ env: named, cwd: folder }).fleet.bot).toBe("two");
    expect(loadConfig({ env: named, cwd: folder, configPath: "three.yaml" }).fleet.bot).toBe(
      "three",
    );
  });

  it("is asked for when there is none, together with the environment's problems", () => {
    const attempt = () => loadConfig({ env: { PORT: "x" }, cwd: folder });
    expect(attempt).toThrow(/PORT: must be a number/);
    expect(attempt).toThrow(/there is no such file; `stagecoach init` writes one/);
  });

  it("has every problem listed at once, with its path", () => {
    const yaml = `
aprovers: [alice]
parser: magic
projects:
  - { repo: rocket, prefix: et, maxConcurrentRuns: 0, gates: { tests-locl: {} } }
  - { repo: acme/lander, plane: { workspace: acme, project: nope } }
gates: { tests-local: { command: npm test } }
agents: { devloper: {}, default: { timeoutMinutes: 0 } }
retention: { bodies: soon }
budget: { perItem: { usd: 1, tokens: 5 } }
`;
    expect(problems(yaml, { env: { ...env, PORT: "x" } })).toEqual([
      "PORT: must be a number from 0 to 65535",
      "bot: is missing",
      'parser: expected one of "auto"|"anthropic"|"rules"',
      "projects[0].repo: must be the tracker's full name, owner/repo",
      "projects[0].prefix: must be 1 to 10 capital letters or digits, a letter first",
      "projects[0].maxConcurrentRuns: Too small: expected number to be >=1",
      "projects[0].gates.tests-locl: unknown key; did you mean `tests-local`?",
      "projects[1].plane.project: must be the project's UUID",
      "gates.tests-local.command: expected array, received string",
      "agents.default.timeoutMinutes: Too small: expected number to be >0",
      "agents.devloper: unknown key; did you mean `developer`?",
      "budget.perItem: must give either usd or tokens",
      "retention.bodies: must be a duration such as 90d, 24h, 30m or 45s",
      "aprovers: unknown key; did you mean `approvers`?",
    ]);
  });

  it("tells where it isn't YAML, and of a key given twice", () => {
    expect(problems("bot: [devbot\nprojects: }")[0]).toMatch(/stagecoach\.yaml:2:\d+: /);
    expect(problems(`${MINIMAL}bot: other\n`)[0]).toMatch(/stagecoach\.yaml:4:1: Map keys must be/);
    expect(problems("bot: *nobody\n")[0]).toMatch(/nobody/);
  });

  it.each(["", "# nothing yet\n", "just text", "[1]"])("is refused when it says %j", (yaml) => {
    expect(problems(yaml).length).toBeGreaterThan(0);
  });

  it("may have sections whose lines are all commented out", () => {
    expect(problems(`${MINIMAL}budget:\n  # perItem: { usd: 1 }\nonDone:\n`)).toEqual([]);
  });

  it("keeps approvers in lower case, as they are compared", () => {
    expect(load(`${MINIMAL}approvers: [Alice, alice, " Bob@Acme.Dev "]`).fleet.approvers).toEqual([
      "alice",
      "bob@acme.dev",
    ]);
  });
});

describe("projects", () => {
  it("need prefixes of their own", () => {
    const yaml = `bot: b\n${AGENTS}projects: [{ repo: a/one }, { repo: a/two }]`;
    expect(problems(yaml)).toEqual([
      "projects[1].prefix: ET is project one's; give every project a prefix of its own",
    ]);
  });

  it("share neither name nor repository nor Plane project", () => {
    const plane = "plane: { workspace: acme, project: dae7de73-d31a-440a-8114-1d7b3a5f1274 }";
    const yaml = `bot: b\n${AGENTS}projects:
  - { repo: acme/rocket, ${plane}, prefix: A }
  - { repo: Acme/Rocket, ${plane.toUpperCase().replace("PLANE", "plane").replace("WORKSPACE", "workspace").replace("PROJECT", "project")}, prefix: B }`;
    expect(problems(yaml).map((line) => line.split(":", 1)[0])).toEqual([
      "projects[1].name",
      "projects[1].repo",
      "projects[1].plane.project",
    ]);
  });

  it("need a remote: their own, or a repository below GITEA_URL", () => {
    expect(problems(MINIMAL, { env: {} })).toEqual([
      "projects[0].remote: is missing; set it or GITEA_URL",
    ]);
    expect(problems(MINIMAL, { env: {}, needs: "intake" })).toEqual([]);
    expect(problems(`bot: b\n${AGENTS}projects: [{ name: x, remote: /srv/x.git }]`)).toEqual([
      "projects[0]: needs a repo or a plane project, else no issue can reach it",
    ]);
  });

  it.each([
    "https://git.example.org/acme/rocket.git",
    "http://127.0.0.1:3000/acme/rocket",
    "ssh://git@git.example.org:2222/acme/rocket.git",
    "git@git.example.org:acme/my-rocket.git",
    "/srv/git/rocket.git",
  ])("may have the remote %s", (remote) => {
    expect(load(withProject(`remote: "${remote}"`)).fleet.projects[0]?.remote).toBe(remote);
  });

  it.each([
    "ext::sh -c touch% /tmp/x",
    "file:///srv/git/rocket.git",
    "../rocket.git",
    "rocket.git",
    "--upload-pack=touch /tmp/x",
    "-git@host:path",
    "git@host:-oProxyCommand=x",
    "git@-oProxyCommand=x:path",
    "ssh://-oProxyCommand=x/path",
    "https://token:hunter2@git.example.org/a/b.git",
    "git://git.example.org/a/b.git",
    "/srv/git/../../etc",
    "https://git.example.org/a\\u202eb.git",
  ])("may not have the remote %s", (remote) => {
    const found = problems(withProject(`remote: "${remote}"`));
    expect(found).toEqual([expect.stringMatching(/^projects\[0\]\.remote: must be http/)]);
    expect(found.join()).not.toContain("hunter2");
  });

  it.each(["-x", "a..b", "a b", "main.lock", "/x", "x/", "a//b", "a/.b", "x~1", "@{u}"])(
    "may not have the base branch %s",
    (branch) => {
      expect(problems(withProject(`baseBranch: "${branch}"`))).toEqual([
        "projects[0].baseBranch: must be a safe branch name",
      ]);
    },
  );

  it("name a pipeline that exists", () => {
    expect(problems(withProject("pipeline: constructor"))).toEqual([
      "projects[0].pipeline: unknown pipeline constructor; known: full, direct",
    ]);
  });

  it("add their protected paths to the fleet's and the built-in ones", () => {
    const yaml = `${withProject("protectedPaths: [ops/**]")}protectedPaths: [infra/**, ops/**]`;
    expect(load(yaml).fleet.projects[0]?.protectedPaths).toEqual([
      ".gitea/**",
      ".forgejo/**",
      ".github/**",
      "infra/**",
      "ops/**",
    ]);
  });

  it("override gates, budget and onDone where they say something", () => {
    const { fleet, settings } = load(
      `${withProject(
        "gates: { tests-local: { timeoutMinutes: 0.5 } }\nbudget: { perItem: { tokens: 9 } }\nonDone: { merge: true }",
      )}gates: { tests-local: { command: [make, check] } }
budget: { perItem: { usd: 1 }, perDay: { usd: 7 } }
onDone: { closeIssue: true }`,
    );
    expect(fleet.projects[0]?.gates["tests-local"]).toEqual({
      command: ["make", "check"],
      timeoutMinutes: 0.5,
    });
    expect(fleet.projects[0]?.onDone).toEqual({ merge: true, closeIssue: true });
    expect(settings.budget.perItem).toEqual({ unit: "usd", amount: 1 });
    expect(settings.projectBudgets.rocket).toEqual({
      perItem: { unit: "tokens", amount: 9 },
      perDay: { unit: "usd", amount: 7 },
    });
  });
});

describe("pipelines", () => {
  const pipeline = (steps: string) => `${MINIMAL}pipelines:\n  hotfix: [${steps}]\n`;

  it("may be of one's own making", () => {
    const steps =
      "{ stage: development, agent: developer, gate: tests-local }, { stage: review, agent: reviewer }";
    expect(load(pipeline(steps)).fleet.pipelines.hotfix).toEqual({
      name: "hotfix",
      steps: [
        { stage: "development", agent: "developer", gate: "tests-local" },
        { stage: "review", agent: "reviewer" },
      ],
    });
  });

  it.each([
    [
      "{ stage: review, agent: reviewer }, { stage: development, agent: developer }",
      /can't follow/,
    ],
    ["{ stage: review, agent: reviewer }, { stage: review, agent: tester }", /stands .* twice/],
    ["{ stage: review }", /needs an agent or a gate/],
    ["{ stage: review, gate: review-approved }", /who works first makes the branch/],
    ["{ stage: done, agent: tester }", /stage: expected one of/],
    ["{ stage: review, agent: boss }", /agent: expected one of/],
    ["{ stage: review, gate: luck }", /gate: expected one of/],
    ["", /Too small/],
  ])("may not be [%s]", (steps, said) => {
    expect(problems(pipeline(steps))).toEqual([expect.stringMatching(said)]);
  });

  it("may not redefine a built-in one", () => {
    expect(problems(`${MINIMAL}pipelines: { full: [{ stage: review, agent: reviewer }] }`)).toEqual(
      ["pipelines.full: is built in; choose another name"],
    );
  });

  it("with ci-green want the contexts that must be green, and a forge", () => {
    const ci = "pipelines: { ci: [{ stage: development, agent: developer, gate: ci-green }] }\n";
    expect(problems(`${withProject("pipeline: ci")}${ci}`)).toEqual([
      expect.stringMatching(/^projects\[0\]\.gates\.ci-green\.contexts: is missing/),
    ]);
    expect(
      problems(`${withProject("pipeline: ci")}${ci}gates: { ci-green: { contexts: [ci/test] } }`),
    ).toEqual([]);
  });
});

describe("agents", () => {
  it("inherit: the role from the default, the project from the fleet", () => {
    const yaml = `bot: b
agents:
  default: { command: [agent], timeoutMinutes: 10, silentMinutes: 1 }
  developer: { timeoutMinutes: 20, model: opus, maxConcurrent: 4 }
projects:
  - repo: acme/rocket
    agents: { default: { silentMinutes: 2 }, developer: { sandbox: none } }
  - { repo: acme/lander, prefix: LN }
`;
    const [rocket, lander] = load(yaml).fleet.projects;
    expect(rocket?.agents.developer).toMatchObject({
      command: ["agent"],
      timeoutMinutes: 20,
      silentMinutes: 2,
      model: "opus",
      sandbox: "none",
      maxConcurrent: 4,
    });
    expect(lander?.agents.developer).toMatchObject({ silentMinutes: 1, sandbox: "auto" });
    expect(rocket?.agents.tester).toMatchObject({ timeoutMinutes: 10, silentMinutes: 2 });
  });

  it("have a deployer only where one is configured", () => {
    expect(load(MINIMAL).fleet.projects[0]?.agents.deployer).toBeUndefined();
    const yaml = withProject("agents: { deployer: {} }");
    expect(load(yaml).fleet.projects[0]?.agents.deployer?.command).toEqual(["agent"]);
  });

  it("need a command for the runner command, a folder for scripted, if they work at all", () => {
    const bare = "bot: b\nprojects: [{ repo: acme/rocket, pipeline: direct }]\n";
    expect(problems(bare)).toEqual([
      expect.stringMatching(/^projects\[0\]\.agents\.developer\.command: is missing/),
    ]);
    expect(problems(bare, { needs: "intake" })).toEqual([]);
    expect(problems(`${bare}agents: { default: { runner: claude-code } }`)).toEqual([]);
    expect(problems(`${bare}agents: { default: { runner: scripted } }`)).toEqual([
      expect.stringMatching(/^projects\[0\]\.agents\.developer\.script: is missing/),
    ]);
  });

  it("need the model's key for the runner anthropic, and no user of their own", () => {
    const yaml =
      "bot: b\nprojects: [{ repo: acme/rocket, pipeline: direct }]\nagents: { default: { runner: anthropic } }";
    expect(problems(yaml)).toEqual([
      "projects[0].agents.developer.runner: anthropic needs ANTHROPIC_API_KEY in the environment",
    ]);
    expect(problems(yaml, { needs: "intake" })).toEqual([]);
    const withKey = { env: { ...env, ANTHROPIC_API_KEY: "sk-ant-x" } };
    expect(problems(yaml, withKey)).toEqual([]);
    expect(problems(yaml.replace("anthropic }", "anthropic, user: agent }"), withKey)).toEqual([
      expect.stringMatching(/^projects\[0\]\.agents\.developer\.user: the file tools/),
    ]);
  });

  it("count a key that agents may see among the secrets, and no other variable", () => {
    const yaml = `${MINIMAL.replace("[agent]", "[agent], env: [CLAUDE_CODE_OAUTH_TOKEN, NODE_ENV, NO_KEY]")}`;
    const given = { ...env, CLAUDE_CODE_OAUTH_TOKEN: "sk-oauth-1", NODE_ENV: "production" };
    const { secrets } = load(yaml, { env: { ...given, OTHER_TOKEN: "not given" } }).environment;
    expect(secrets).toEqual(["sk-oauth-1"]);
  });

  it("give a command to the runner it was written for, and to no other", () => {
    const agents = `agents:
  default: { command: [./agent.sh] }
  developer: { runner: claude-code }
  reviewer: { runner: claude-code, command: [/opt/claude, --max-turns, "50"] }
`;
    const yaml = `bot: b\nprojects: [{ repo: acme/rocket, agents: { reviewer: { model: opus } } }]\n${agents}`;
    expect(load(yaml).fleet.projects[0]?.agents).toMatchObject({
      analyst: { runner: "command", command: ["./agent.sh"] },
      developer: { runner: "claude-code", command: [] },
      reviewer: { runner: "claude-code", command: ["/opt/claude", "--max-turns", "50"] },
    });
  });

  it("run the operator's program of a relative path, and a script's folder beside the file", () => {
    mkdirSync(join(folder, "play"));
    writeFileSync(join(folder, "agent.sh"), "#!/bin/sh\n");
    chmodSync(join(folder, "agent.sh"), 0o755);
    const yaml = `bot: b\nprojects: [{ repo: acme/rocket }]
agents:
  default: { command: [./agent.sh, ./x], script: play }
  tester: { command: [./in-the-worktree.sh] }`;
    const { agents } = load(yaml).fleet.projects[0] ?? {};
    expect(agents?.developer?.command).toEqual([join(folder, "agent.sh"), "./x"]);
    expect(agents?.developer?.script).toBe(join(folder, "play"));
    expect(agents?.tester?.command).toEqual(["./in-the-worktree.sh"]);
  });

  it.each(["GITEA_TOKEN", "REDIS_URL", "PLANE_WEBHOOK_SECRET_FILE", "BOARD_PASSWORD"])(
    "never see %s",
    (name) => {
      expect(
        problems(MINIMAL.replace("command: [agent]", `command: [agent], env: [${name}]`)),
      ).toEqual(["agents.default.env[0]: is Stagecoach's own and never reaches an agent"]);
    },
  );

  it("may see the model's key", () => {
    const yaml = MINIMAL.replace("command: [agent]", "command: [agent], env: [ANTHROPIC_API_KEY]");
    expect(load(yaml).fleet.projects[0]?.agents.tester?.env).toEqual(["ANTHROPIC_API_KEY"]);
  });

  it("name a model that exists, and count runs across the fleet only", () => {
    expect(problems(withProject("agents: { developer: { model: gpt } }"))).toEqual([
      "projects[0].agents.developer.model: unknown model gpt; known: haiku, sonnet, opus",
    ]);
    expect(problems(withProject("agents: { developer: { maxConcurrent: 1 } }"))).toEqual([
      expect.stringMatching(/^projects\[0\]\.agents\.developer\.maxConcurrent: unknown key/),
    ]);
  });
});

describe("models", () => {
  it("add to the built-in ones, which may be changed in part", () => {
    const { models } = load(`${MINIMAL}models:
  sonnet: { usdPerMillionInput: 1 }
  local: { id: qwen, usdPerMillionInput: 0, usdPerMillionOutput: 0 }
`).fleet;
    expect(models.sonnet).toMatchObject({ provider: "anthropic", usdPerMillionInput: 1 });
    expect(models.sonnet?.id).toMatch(/^claude-sonnet/);
    expect(models.local?.provider).toBe("command");
    expect(models.opus?.id).toMatch(/^claude-opus/);
  });

  it("of one's own need an id and prices, else a budget would hold nothing back", () => {
    expect(problems(`${MINIMAL}models: { local: {} }\nparserModel: other`)).toEqual([
      "models.local.id: is missing",
      "models.local.usdPerMillionInput: is missing",
      "models.local.usdPerMillionOutput: is missing",
      "parserModel: unknown model other; known: haiku, sonnet, opus, local",
    ]);
  });
});

describe("settings", () => {
  it("use the model's parser only with a key, and say so", () => {
    const key = { ...env, ANTHROPIC_API_KEY: "k" };
    expect(load(MINIMAL, { env: key }).settings.parser).toBe("anthropic");
    expect(load(`${MINIMAL}parser: rules`, { env: key }).settings.parser).toBe("rules");
    const without = load(`${MINIMAL}parser: anthropic`);
    expect(without.settings.parser).toBe("rules");
    expect(without.warnings).toContainEqual(expect.stringContaining("ANTHROPIC_API_KEY"));
  });

  it.each([
    ["45s", 45_000],
    ["1.5h", 5_400_000],
    ["2w", 1_209_600_000],
  ])("read the duration %s", (text, milliseconds) => {
    const { retention } = load(`${MINIMAL}retention: { bodies: ${text} }`).settings;
    expect(retention.bodiesMs).toBe(milliseconds);
  });
});

describe("completed jobs", () => {
  it.each([
    ["30d", 2_592_000_000],
    ["1s", 60_000],
  ])("are kept as long as deliveries, a minute at least: %s", (text, milliseconds) => {
    const { retention } = load(`${MINIMAL}retention: { deliveries: ${text} }`).settings;
    expect(retention.jobsMs).toBe(milliseconds);
  });
});

describe("what comes with the sources", () => {
  it("is an example that loads without a problem", () => {
    const config = loadConfig({
      env,
      cwd: root,
      configPath: "stagecoach.example.yaml",
    });
    expect(config.warnings).toEqual([]);
    expect(config.fleet.projects[0]?.name).toBe("rocket");
  });

  it("is a current JSON Schema; `npm run docs` renews it", () => {
    const written = JSON.parse(readFileSync(join(root, "stagecoach.schema.json"), "utf8"));
    expect(written).toEqual(fleetJsonSchema());
  });
});
