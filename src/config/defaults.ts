import type { AgentSettings, Model } from "../domain/fleet.js";

/** USD per million tokens as published; a fleet that pays other prices sets its own. */
export const DEFAULT_MODELS: Readonly<Record<string, Model>> = {
  /** Priced for long prompts; up to 100,000 tokens it costs a fifth, but a budget must not be outrun. */
  haiku: {
    id: "claude-haiku-5-5",
    provider: "anthropic",
    usdPerMillionInput: 0.5,
    usdPerMillionOutput: 2.5,
  },
  sonnet: {
    id: "claude-sonnet-5-5",
    provider: "anthropic",
    usdPerMillionInput: 3,
    usdPerMillionOutput: 15,
  },
  opus: {
    id: "claude-opus-5-5",
    provider: "anthropic",
    usdPerMillionInput: 4,
    usdPerMillionOutput: 20,
  },
};

export const DEFAULT_AGENT: AgentSettings = {
  runner: "command",
  command: [],
  script: null,
  timeoutMinutes: 30,
  silentMinutes: 5,
  env: [],
  sandbox: "auto",
  user: null,
  model: "assigned",
  maxConcurrent: null,
};

export const DEFAULT_GATES = {
  testCommand: ["npm", "test"],
  testTimeoutMinutes: 15,
} as const;

export const DEFAULT_PREFIX = "ET";
export const DEFAULT_BRANCH = "main";
export const DEFAULT_PIPELINE = "full";
export const DEFAULT_PARSER_MODEL = "haiku";

/** Whoever may change these decides what CI runs with its secrets. */
export const DEFAULT_PROTECTED_PATHS = [".gitea/**", ".forgejo/**", ".github/**"] as const;

/** Runs at once in one repository. */
export const DEFAULT_CONCURRENT_RUNS = 2;

const MIB = 1024 * 1024;
export const DEFAULT_LIMITS = {
  developerRuns: 3,
  bodyBytes: 5 * MIB,
  spoolBytes: 256 * MIB,
  runBytes: 100 * MIB,
  freeDiskBytes: 1024 * MIB,
} as const;

export const DEFAULT_RETENTION = {
  deliveries: "7d",
  bodies: "24h",
  doneItems: "90d",
  checkouts: "7d",
} as const;
