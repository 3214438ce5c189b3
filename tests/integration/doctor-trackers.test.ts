import { createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import {
  BOT,
  type DoctorWorld,
  lineOf,
  openDoctorWorld,
  RECEIVER,
  REPO,
} from "../support/doctor-world.js";

const MINUTE = 60_000;

describe("Gitea", { timeout: 60_000 }, () => {
  const faulty = async (act: (world: DoctorWorld) => void) => {
    const world = await openDoctorWorld();
    act(world);
    return world.examine();
  };

  it("isn't configured, or isn't there", async () => {
    const world = await openDoctorWorld();
    const unset = lineOf(await world.examine({ GITEA_TOKEN: null }), "Gitea", "fail");
    expect(unset).toMatchObject({ says: "GITEA_TOKEN is not set" });
    expect(unset.mend).toContain("write:repository");
    const gone = await world.examine({ GITEA_URL: "http://127.0.0.1:1" });
    expect(lineOf(gone, "Gitea", "fail", "can't be reached").mend).toContain("GITEA_URL");
    expect(gone.filter(({ name }) => name === REPO)).toEqual([]);
  });

  it("refuses the token", async () => {
    const world = await openDoctorWorld();
    const lines = await world.examine({ GITEA_TOKEN: "an-old-token" });
    expect(lineOf(lines, "Gitea", "fail", "isn't valid").mend).toContain("a new token");
    expect(JSON.stringify(lines)).not.toContain("an-old-token");
  });

  it("says that the token is somebody else's", async () => {
    const lines = await faulty(({ gitea }) => gitea.setAccount({ login: "alice" }));
    const line = lineOf(lines, "Gitea", "fail", `the token is alice's, and \`bot\` is ${BOT}`);
    expect(line.mend).toContain("`bot: alice`");
  });

  it("lets nobody see whose the token is without read:user", async () => {
    const lines = await faulty(({ gitea }) => gitea.setAccount({ lacks: ["read:user"] }));
    expect(lineOf(lines, "Gitea", "warn", "lacks the scope read:user").mend).toContain("read:user");
    lineOf(lines, REPO, "ok", "may write");
  });

  for (const scope of ["read:repository", "write:repository", "write:issue"]) {
    it(`lets the token do nothing that needs ${scope}`, async () => {
      const lines = await faulty(({ gitea }) => gitea.setAccount({ lacks: [scope] }));
      const line = lineOf(lines, REPO, "fail", `the token lacks the scope ${scope}`);
      expect(line.mend).toContain("make the bot a new token");
    });
  }

  it("doesn't let the bot write to the repository, or hides it", async () => {
    const lines = await faulty(({ gitea }) => gitea.setAccount({ push: false }));
    expect(lineOf(lines, REPO, "fail", "may not write").mend).toContain("collaborator");
    const world = await openDoctorWorld();
    await world.write(world.yaml.replace(REPO, "acme/secret"));
    lineOf(await world.examine(), "acme/secret", "fail", "no such repository");
  });
});

describe("a repository's webhook", { timeout: 60_000 }, () => {
  const shown = async (
    hook: Parameters<DoctorWorld["gitea"]["showHook"]>[0],
    receiver?: string,
  ) => {
    const world = await openDoctorWorld();
    world.gitea.showHook(hook);
    return world.examine({}, receiver === undefined ? {} : { receiver });
  };

  it("is missing", async () => {
    const world = await openDoctorWorld();
    world.gitea.setHook(null);
    const line = lineOf(await world.examine(), REPO, "fail", "it has no webhook");
    expect(line.mend).toContain("stagecoach hooks --url");
  });

  it("is switched off", async () => {
    lineOf(await shown({ active: false }), REPO, "fail", "not active");
  });

  it("sends too little, or not of all branches", async () => {
    const line = lineOf(await shown({ events: ["push", "issues"] }), REPO, "fail", "doesn't send");
    expect(line.says).toContain("issue_assign, issue_comment, pull_request");
    expect(line.says).toContain("delete");
    lineOf(await shown({ branchFilter: "main" }), REPO, "fail", "the branch filter main");
  });

  it("leads elsewhere, whose path may be a secret", async () => {
    const elsewhere = await shown({ url: "https://chat.example/hooks/T0/secret-path" });
    const line = lineOf(elsewhere, REPO, "fail", "https://chat.example");
    expect(line.says).not.toContain("secret-path");
    const old = await shown({}, "https://new.example/webhook/gitea");
    lineOf(old, REPO, "fail", "leads to https://fleet.example, not to https://new.example");
    lineOf(await shown({}, RECEIVER), REPO, "ok", "its webhook is in order");
  });

  it("is there twice", async () => {
    const world = await openDoctorWorld();
    const { gitea, env } = world;
    const events = ["issues", "pull_request", "push", "delete"];
    const config = { url: "https://other.example/webhook/gitea", content_type: "json" };
    const made = await fetch(`${gitea.url}/api/v1/repos/${REPO}/hooks`, {
      method: "POST",
      headers: { authorization: `token ${env.GITEA_TOKEN}` },
      body: JSON.stringify({ type: "gitea", config, events, active: true }),
    });
    expect(made.status).toBe(201);
    const line = lineOf(await world.examine(), REPO, "warn", "2 webhooks lead to a receiver");
    expect(line.mend).toContain("remove");
  });

  it("is hidden from who is no administrator", async () => {
    const line = lineOf(await shown(null), REPO, "warn", "no administrator");
    expect(line.mend).toContain("Settings → Webhooks");
  });
});

describe("Plane", { timeout: 60_000 }, () => {
  it("isn't configured, isn't there, or refuses the key", async () => {
    const world = await openDoctorWorld();
    lineOf(await world.examine({ PLANE_URL: null }), "Plane", "fail", "PLANE_URL is not set");
    const name = "Plane's project of rocket";
    lineOf(await world.examine({ PLANE_URL: "http://127.0.0.1:1" }), name, "fail", "reached");
    const refused = await world.examine({ PLANE_API_KEY: "an-old-key" });
    expect(lineOf(refused, name, "fail", "refused").mend).toContain("access tokens");
    await world.write(world.yaml.replace(/dae7de73/, "00000000"));
    lineOf(await world.examine(), name, "fail", "no such project");
  });

  it("lacks states: they are named, and those that exist", async () => {
    const world = await openDoctorWorld();
    const states = 'states: { "Needs Input": Waiting }';
    await world.write(world.yaml.replace("workspace: acme,", `workspace: acme, ${states},`));
    const line = lineOf(await world.examine(), "Plane's project of rocket", "fail");
    expect(line.says).toContain('no state "Waiting" (for "Needs Input"); it has "Backlog", "Todo"');
    expect(line.mend).toContain("`plane.states`");
  });
});

describe("clocks", { timeout: 60_000 }, () => {
  it("that differ by minutes are named, with whose and by how much", async () => {
    const world = await openDoctorWorld();
    const lines = await world.examine({}, { clock: () => Date.now() + 5 * MINUTE });
    for (const [name, whose] of [
      ["Redis", "Redis's"],
      ["Gitea", "Gitea's"],
      ["Plane's project of rocket", "Plane's"],
    ] as const) {
      const line = lineOf(
        lines,
        name,
        "warn",
        new RegExp(`${whose} clock is (299|300|301) s behind`),
      );
      expect(line.mend).toContain("time server");
    }
    const ahead = await world.examine({}, { clock: () => Date.now() - 5 * MINUTE });
    lineOf(ahead, "Redis", "warn", /30[01] s ahead of|299 s ahead of/);
  });
});

describe("a server that is asked and never answers", { timeout: 60_000 }, () => {
  it("is said so within its time", async () => {
    const world = await openDoctorWorld();
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const address = silent.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    try {
      const asked = {
        GITEA_URL: `http://127.0.0.1:${port}`,
        REDIS_URL: `redis://127.0.0.1:${port}`,
      };
      const lines = await world.examine(asked, { callMs: 300 });
      lineOf(lines, "Gitea", "fail", "no answer in time");
      lineOf(lines, "Redis", "fail", "can't be reached");
    } finally {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => silent.close(resolve));
    }
  });
});
