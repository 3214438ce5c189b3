import type { InitRunner } from "./fleet-file-text.js";

export interface Steps {
  /** `NAME=value`; an ellipsis stands for what only its owner knows. */
  readonly exports: readonly string[];
  readonly commands: readonly string[];
}

/** What is left to do once the file is there. @param forge the web interface's address, if known */
export function nextSteps(forge: string | null, runner: InitRunner, config: string | null): Steps {
  const key = {
    command: [],
    "claude-code": ["CLAUDE_CODE_OAUTH_TOKEN=…"],
    anthropic: ["ANTHROPIC_API_KEY=…"],
  }[runner];
  const named = config === null ? "" : ` --config ${config}`;
  return {
    exports: [
      `GITEA_URL=${forge ?? "https://git.example.org"}`,
      "GITEA_TOKEN=…",
      'GITEA_WEBHOOK_SECRET="$(openssl rand -hex 32)"',
      'BOARD_PASSWORD="$(openssl rand -hex 16)"',
      ...key,
    ],
    commands: [
      `stagecoach doctor${named}`,
      `stagecoach hooks${named} --url https://<where the receiver is reached>`,
      `stagecoach start${named}`,
    ],
  };
}

export function stepsText({ exports, commands }: Steps): string {
  return [
    "Set, and keep what is made up for the next time:",
    ...exports.map((line) => `  export ${line}`),
    "Then:",
    ...commands.map((line) => `  ${line}`),
  ].join("\n");
}
