import { spawnSync } from "node:child_process";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { temporaryFolder } from "../support/run-context.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FILES = ["docker-compose.yml", "docker-compose.gitea.yml"];
const HERE = spawnSync("docker-compose", ["--version"]).status === 0;
const SKIPPED = HERE ? "" : " (skipped: no docker-compose here)";

interface Service {
  readonly command?: readonly string[];
  readonly healthcheck?: object;
  readonly stop_grace_period?: string;
  readonly image?: string;
}

const services = async (file: string) =>
  (
    parse(await readFile(join(ROOT, file), "utf8"), { merge: true }) as {
      services: Record<string, Service>;
    }
  ).services;

describe("the compose files", () => {
  it.skipIf(!HERE)(`are taken by docker-compose, alone and together${SKIPPED}`, async () => {
    const folder = await temporaryFolder();
    for (const file of FILES) await copyFile(join(ROOT, file), join(folder, file));
    const example = await readFile(join(ROOT, ".env.example"), "utf8");
    await writeFile(
      join(folder, ".env"),
      example.replace(/^REDIS_PASSWORD=$/m, "REDIS_PASSWORD=longandrandom"),
    );
    for (const together of [FILES.slice(0, 1), FILES]) {
      const args = [...together.flatMap((file) => ["-f", file]), "config"];
      const { status, stderr } = spawnSync("docker-compose", args, {
        cwd: folder,
        encoding: "utf8",
      });
      expect(stderr).toBe("");
      expect(status).toBe(0);
    }
  });

  it("give every service a health check and time to stop", async () => {
    for (const file of FILES) {
      for (const [name, service] of Object.entries(await services(file))) {
        expect(service, name).toMatchObject({
          healthcheck: expect.anything(),
          stop_grace_period: expect.stringMatching(/^\d+[sm]$/),
        });
      }
    }
  });

  it("run what the Procfile runs", async () => {
    const entry = (command: string) => command.replace(/^.*\bdist\//, "dist/");
    const lines = (await readFile(join(ROOT, "Procfile"), "utf8"))
      .split("\n")
      .filter((line) => /^\w+:/.test(line));
    const compose = Object.entries(await services("docker-compose.yml"))
      .filter(([name]) => name !== "redis")
      .map(([name, { command = [] }]) => `${name}: ${entry(command.join(" "))}`);
    expect(compose.sort()).toEqual(
      lines.map((line) => line.replace(/: .*\bdist\//, ": dist/")).sort(),
    );
  });
});
