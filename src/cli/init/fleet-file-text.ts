import { stringify } from "yaml";

export const RUNNERS = ["command", "claude-code", "anthropic"] as const;
export type InitRunner = (typeof RUNNERS)[number];

export interface Wishes {
  readonly repo: string;
  readonly baseBranch: string;
  readonly bot: string;
  readonly prefix: string;
  readonly approvers: readonly string[];
  readonly runner: InitRunner;
  /** Of the schema that editors check the file by. */
  readonly schema: string;
}

const AGENTS: Readonly<Record<InitRunner, string>> = {
  command: `    # Any program: its prompt comes on standard input, the checkout is its current folder, and what
    # it leaves there is committed and pushed for it. Looked for beside this file.
    runner: command
    command: [./agent.sh]
    # Variables it may see, beside PATH, LANG, TERM and a HOME of its own.
    env: []`,
  "claude-code": `    # The Claude Code CLI, which must be installed where agents run.
    runner: claude-code
    # \`claude setup-token\` makes one; or ANTHROPIC_API_KEY.
    env: [CLAUDE_CODE_OAUTH_TOKEN]
    # It prints nothing while a command of its runs.
    silentMinutes: 15`,
  anthropic: `    # A model with tools, by ANTHROPIC_API_KEY in the environment.
    runner: anthropic`,
};

/** A \`stagecoach.yaml\` for one repository; what is commented out shows the default. */
export function fleetFileText(wishes: Wishes): string {
  return `# yaml-language-server: $schema=${wishes.schema}
#
# Secrets belong in the environment. Every section: stagecoach.example.yaml.

# The Gitea or Forgejo login whose assignment starts work. GITEA_TOKEN is a token of this account.
bot: ${inline(wishes.bot)}

# Who may approve and give commands: logins. Without one no analysis passes.
approvers: ${inline(wishes.approvers)}

projects:
  - repo: ${inline(wishes.repo)}
    # What git fetches and pushes, unless it is <GITEA_URL>/${wishes.repo}.git.
    # remote: git@git.example.org:${wishes.repo}.git
    baseBranch: ${inline(wishes.baseBranch)}
    # Work items are ${wishes.prefix}-001, ${wishes.prefix}-002, …; every project has a prefix of its own.
    prefix: ${inline(wishes.prefix)}
    # full (all seven stages) or direct (development alone).
    pipeline: full
    # Agents at once in this repository.
    # maxConcurrentRuns: 2

agents:
  default:
${AGENTS[wishes.runner]}
    # Stopped after so many minutes, or after so many without a word.
    # timeoutMinutes: 30
    # silentMinutes: 5
    # auto | bubblewrap (refuse to start without it) | none
    # sandbox: auto

gates:
  # What must pass in a fresh checkout before a developer's work is reviewed.
  tests-local: { command: [npm, test], timeoutMinutes: 15 }

# Developer runs an item may have over its whole life.
# limits: { developerRuns: 3 }

# { usd: … } or { tokens: … }; perDay counts a UTC day.
# budget: { perItem: { usd: 10 }, perDay: { usd: 100 } }

# What is done with the pull request and the issue when an item is done.
# onDone: { merge: false, closeIssue: false }
`.replace(silentTwice(wishes.runner), "");
}

/** The runner has set it already. */
function silentTwice(runner: InitRunner): string {
  return runner === "claude-code" ? "    # silentMinutes: 5\n" : "";
}

/** As YAML on one line, quoted where it must be. */
function inline(value: string | readonly string[]): string {
  return stringify(value, {
    collectionStyle: "flow",
    flowCollectionPadding: false,
    lineWidth: 0,
  }).trim();
}
