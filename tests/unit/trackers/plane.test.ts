import { afterEach, describe, expect, it } from "vitest";
import { type PlaneDouble, startPlaneDouble } from "../../../src/demo/plane-double.js";
import type { PlaneProject } from "../../../src/domain/fleet.js";
import { createPlane } from "../../../src/trackers/plane.js";

const PROJECT: PlaneProject = {
  workspace: "acme",
  project: "dae7de73-d31a-440a-8114-1d7b3a5f1274",
  start: "created",
  states: { "In Review": "awaiting LOVE", Blocked: "Stuck" },
};

let double: PlaneDouble;
afterEach(() => double.stop());

async function start(options: Partial<Parameters<typeof startPlaneDouble>[0]> = {}) {
  double = await startPlaneDouble({
    apiKey: "key",
    bot: "devbot",
    workspace: "acme",
    projects: [PROJECT.project],
    ...options,
  });
  const { id } = double.addIssue({ project: PROJECT.project, name: "Count" });
  const { workspace, project } = PROJECT;
  const plane = (bot = "devbot") =>
    createPlane({ url: double.url, apiKey: "key", bot, projects: [PROJECT] });
  return { id, plane, address: { tracker: "plane", workspace, project, id } as const };
}

describe("states", () => {
  const states = [
    { id: "s1", name: "In Progress", group: "started" },
    { id: "s2", name: "Awaiting love", group: "started" },
  ] as const;

  it("are found by the project's own name in any case, on any page", async () => {
    const { plane, address, id } = await start({ states: [TODO, ...states], pageSize: 1 });
    await plane().setState(address, "In Review");
    expect(double.stateOf(id)).toBe("Awaiting love");
    await plane().setState(address, "In Progress");
    expect(double.stateOf(id)).toBe("In Progress");
  });

  it("that don't exist are refused with those that do", async () => {
    const { plane, address } = await start({ states: [TODO, ...states] });
    const work = plane().setState(address, "Blocked");
    await expect(work).rejects.toMatchObject({ code: "tracker-refused", retryable: false });
    await expect(work).rejects.toThrow(/"Stuck".*"Todo", "In Progress", "Awaiting love"/);
  });

  it("whose list runs in circles are given up", async () => {
    const { address } = await start();
    const circling: typeof globalThis.fetch = async () =>
      Response.json({ results: [TODO], next_cursor: "1:1:0", next_page_results: true });
    const options = { url: double.url, apiKey: "key", bot: "devbot", projects: [PROJECT] };
    const work = createPlane({ ...options, fetch: circling }).setState(address, "In Review");
    await expect(work).rejects.toMatchObject({ code: "tracker-unexpected", retryable: false });
  });

  it("are read once for many moves", async () => {
    const { plane, address } = await start();
    const tracker = plane();
    await tracker.setState(address, "In Progress");
    await tracker.setState(address, "Done");
    expect(double.requests.filter((line) => line.includes("/states/"))).toHaveLength(1);
  });
});

const TODO = { id: "s0", name: "Todo", group: "unstarted" } as const;

describe("comments", () => {
  it("are HTML in which nothing of the text is a tag, script or picture", async () => {
    const { plane, address, id } = await start();
    const markdown =
      "**bold** <script>x</script> [a](javascript:x) [b](https://b.example/) ![p](https://p.example/)";
    await plane().comment(address, "one", markdown);
    const html = double.comments(id)[0]?.html ?? "";
    expect(html).toContain("<strong>bold</strong>");
    expect(html).toContain("&lt;script&gt;");
    expect(html).toContain('<a href="https://b.example/">b</a>');
    expect(html).not.toMatch(/<script|<img|href="javascript/);
  });

  it("carry our source and the effect's id, and a duplicate is done", async () => {
    const { plane, address, id } = await start();
    await plane().comment(address, "one", "Hello");
    await plane().comment(address, "one", "Hello");
    expect(double.comments(id)).toMatchObject([
      { externalSource: "stagecoach", externalId: "one", author: { displayName: "devbot" } },
    ]);
  });
});

describe("a rate limit", () => {
  it.each([
    ["x-ratelimit-reset", () => String(Math.ceil(Date.now() / 1000) + 40)],
    ["retry-after", () => "40"],
  ])("is obeyed as %s tells it", async (header, value) => {
    const { plane, address } = await start();
    double.failNext(1, 429, { [header]: value() });
    const error = await plane()
      .readIssue(address)
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "tracker-rate-limited", retryable: true });
    const wait = Number(Reflect.get(Object(error), "retryAfterMs"));
    expect(wait).toBeGreaterThan(30_000);
    expect(wait).toBeLessThanOrEqual(41_000);
  });
});

describe("assignment", () => {
  it("knows the bot by display name, e-mail or id", async () => {
    const { plane, address, id } = await start();
    double.assign(id, ["devbot"]);
    for (const bot of ["DevBot", double.bot.email, double.bot.id]) {
      expect(await plane(bot).readIssue(address)).toMatchObject({ assigned: true });
    }
    expect(await plane("alice").readIssue(address)).toMatchObject({ assigned: false });
  });
});

describe("relations", () => {
  it.each(["current", "old"] as const)("give blockers as issue keys (%s server)", async (age) => {
    const { plane, address, id } = await start({ age });
    const blocker = double.addIssue({ project: PROJECT.project, name: "First" });
    double.setBlockers(id, [blocker.id]);
    expect(await plane().blockers(address)).toEqual([`plane:${PROJECT.project}/${blocker.id}`]);
  });
});

describe("servers of different age", () => {
  it("are asked by the new path once, then by the one that answers", async () => {
    const { plane, address } = await start({ age: "old" });
    const tracker = plane();
    await tracker.readIssue(address);
    await tracker.readIssue(address);
    await tracker.comment(address, "one", "Hello");
    const collections = double.requests.map((line) => /(work-items|issues)/.exec(line)?.[1]);
    expect(collections).toEqual(["work-items", "issues", "issues", "issues"]);
  });

  it("aren't taken for old because a work item is gone", async () => {
    const { plane, address } = await start();
    const tracker = plane();
    expect(await tracker.readIssue({ ...address, id: "gone" })).toBeNull();
    await tracker.readIssue(address);
    expect(double.requests.at(-1)).toContain("/work-items/");
  });

  it("never get a path without its trailing slash", async () => {
    const { plane, address } = await start();
    const tracker = plane();
    await tracker.readIssue(address);
    await tracker.comment(address, "one", "Hello");
    await tracker.setState(address, "Done");
    await tracker.blockers(address);
    const paths = double.requests.map((line) => line.split(" ")[1]?.split("?")[0]);
    expect(paths.filter((path) => !path?.endsWith("/"))).toEqual([]);
  });
});

it("keeps ids from outside inside their path segment", async () => {
  const { plane, address } = await start();
  expect(await plane().readIssue({ ...address, id: "../../x" })).toBeNull();
  expect(double.requests[0]).toContain("/work-items/..%2F..%2Fx/");
});
