import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Environment, isLoopback, parseEnvironment } from "../../../src/config/environment.js";
import { VARIABLES } from "../../../src/config/variables.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "environment-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function valid(env: Record<string, string>): Environment {
  const result = parseEnvironment(env, folder);
  if (result.kind === "invalid") throw new Error(result.problems.join("\n"));
  return result.environment;
}

function problems(env: Record<string, string>): readonly string[] {
  const result = parseEnvironment(env, folder);
  return result.kind === "invalid" ? result.problems : [];
}

describe("the environment", () => {
  it("may be empty: every variable has a default or may be missing", () => {
    expect(valid({})).toEqual({
      host: "127.0.0.1",
      port: 3000,
      redisUrl: null,
      redisPrefix: "{stagecoach}",
      dataDir: join(folder, ".stagecoach"),
      logLevel: "info",
      giteaUrl: null,
      giteaToken: null,
      giteaWebhookSecrets: [],
      planeUrl: null,
      planeApiKey: null,
      planeWebhookSecrets: [],
      anthropicApiKey: null,
      anthropicBaseUrl: null,
      telegramBotToken: null,
      telegramChatId: null,
      telegramApiUrl: "https://api.telegram.org",
      boardUsername: "admin",
      boardPassword: null,
      boardViewerUsername: null,
      boardViewerPassword: null,
      allowUnsignedWebhooks: false,
      secrets: [],
    });
  });

  it("counts blank variables as unset, so that an empty secret never verifies", () => {
    const blank = Object.fromEntries(VARIABLES.map((name) => [name, "  "]));
    expect(valid(blank)).toEqual(valid({}));
    expect(valid({ GITEA_WEBHOOK_SECRET: " , ," }).giteaWebhookSecrets).toEqual([]);
  });

  it.each(VARIABLES.filter((name) => /SECRET|TOKEN|KEY|PASSWORD/.test(name)))(
    "takes %s from the file that %s_FILE names",
    (name) => {
      writeFileSync(join(folder, "secret"), "from-a-file\n");
      const partner: Record<string, string> = {
        TELEGRAM_CHAT_ID: "1",
        BOARD_VIEWER_USERNAME: "viewer",
        ...(name === "BOARD_VIEWER_PASSWORD" ? {} : { BOARD_VIEWER_PASSWORD: "v" }),
        ...(name === "TELEGRAM_BOT_TOKEN" ? {} : { TELEGRAM_BOT_TOKEN: "t" }),
      };
      const environment = valid({ ...partner, [`${name}_FILE`]: "secret" });
      expect(JSON.stringify(environment)).toContain("from-a-file");
      expect(environment.secrets).toContain("from-a-file");
    },
  );

  it("refuses a variable given twice, and a file that can't be read or is empty", () => {
    writeFileSync(join(folder, "empty"), "\n");
    expect(
      problems({
        GITEA_TOKEN: "hunter2",
        GITEA_TOKEN_FILE: "empty",
        PLANE_API_KEY_FILE: "missing",
        BOARD_PASSWORD_FILE: "empty",
      }),
    ).toEqual([
      "GITEA_TOKEN: set together with GITEA_TOKEN_FILE; set only one of them",
      "PLANE_API_KEY_FILE: missing can't be read (ENOENT)",
      "BOARD_PASSWORD_FILE: empty is empty",
    ]);
  });

  it("takes several webhook secrets separated by commas, each of them secret", () => {
    const environment = valid({ GITEA_WEBHOOK_SECRET: "new, old", PLANE_WEBHOOK_SECRET: "p" });
    expect(environment.giteaWebhookSecrets).toEqual(["new", "old"]);
    expect(environment.planeWebhookSecrets).toEqual(["p"]);
    expect(environment.secrets).toEqual(expect.arrayContaining(["new", "old", "p"]));
  });

  it("counts Redis's password as secret, as written and decoded", () => {
    const { secrets } = valid({ REDIS_URL: "redis://fleet:p%40ss@redis.example:6379" });
    expect(secrets).toEqual(expect.arrayContaining(["p%40ss", "p@ss"]));
  });

  it("lists every problem at once and shows no secret", () => {
    const found = problems({
      PORT: "80a",
      LOG_LEVEL: "loud",
      GITEA_URL: "git.example.org",
      PLANE_URL: "https://user:hunter2@plane.example.org",
      REDIS_URL: "hunter2",
      REDIS_PREFIX: "a:b",
      ALLOW_UNSIGNED_WEBHOOKS: "maybe",
    });
    expect(found.map((line) => line.split(":", 1)[0])).toEqual([
      "PORT",
      "REDIS_URL",
      "REDIS_PREFIX",
      "LOG_LEVEL",
      "GITEA_URL",
      "PLANE_URL",
      "ALLOW_UNSIGNED_WEBHOOKS",
    ]);
    expect(found.join("\n")).not.toContain("hunter2");
  });

  it.each(["65536", "-1", "1e3", "99999"])("refuses port %s", (port) => {
    expect(problems({ PORT: port })).toEqual(["PORT: must be a number from 0 to 65535"]);
  });

  it.each(["0.0.0.0", "::", "192.168.1.4", "127.0.0.1.example.org", "localhost.example.org"])(
    "refuses unsigned webhooks on %s",
    (host) => {
      expect(problems({ ALLOW_UNSIGNED_WEBHOOKS: "1", HOST: host })).toEqual([
        expect.stringMatching(/^ALLOW_UNSIGNED_WEBHOOKS: refused while HOST is /),
      ]);
      expect(isLoopback(host)).toBe(false);
    },
  );

  it.each(["127.0.0.1", "127.8.8.8", "localhost", "::1"])("allows them on %s", (host) => {
    const environment = valid({ ALLOW_UNSIGNED_WEBHOOKS: "1", HOST: host });
    expect(environment.allowUnsignedWebhooks).toBe(true);
  });

  it("wants Telegram's pair and the viewer's pair whole, and two different users", () => {
    expect(
      problems({
        TELEGRAM_BOT_TOKEN: "t",
        BOARD_VIEWER_USERNAME: "admin",
      }).map((line) => line.split(":", 1)[0]),
    ).toEqual(["TELEGRAM_CHAT_ID", "BOARD_VIEWER_PASSWORD", "BOARD_VIEWER_USERNAME"]);
  });

  it("takes trailing slashes off addresses", () => {
    expect(valid({ GITEA_URL: "https://git.example.org/gitea//" }).giteaUrl).toBe(
      "https://git.example.org/gitea",
    );
  });
});
