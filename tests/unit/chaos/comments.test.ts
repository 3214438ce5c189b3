import { expect, it } from "vitest";
import { htmlOf } from "../../../chaos/load/speech.js";
import { commentsOn } from "../../../chaos/world/comments.js";
import { startGiteaDouble } from "../../../src/demo/gitea-double.js";
import { startPlaneDouble } from "../../../src/demo/plane-double.js";
import { createPlane } from "../../../src/trackers/plane.js";

const PROJECT = "dae7de73-d31a-440a-8114-1d7b3a5f1274";
const REPO = "acme/rocket";

it("chaos reads comments of both trackers alike, with the marks of ours", async () => {
  const gitea = await startGiteaDouble({ token: "t", bot: "bot", repos: [REPO] });
  const plane = await startPlaneDouble({
    ...{ apiKey: "key", bot: "bot", workspace: "acme" },
    projects: [PROJECT],
  });
  const { number } = gitea.addIssue({ repo: REPO, title: "One" });
  const { id } = plane.addIssue({ project: PROJECT, name: "Two" });
  const address = { tracker: "plane", workspace: "acme", project: PROJECT, id } as const;
  const projects = [{ workspace: "acme", project: PROJECT, start: "created", states: {} }] as const;
  const tracker = createPlane({ url: plane.url, apiKey: "key", bot: "bot", projects });
  await tracker.comment(address, "e1", "**ET-001 is done** at `abc`.\n\nAll of it.");
  plane.humanComment(id, "alice", htmlOf("> /cancel\n\nNo."));
  gitea.humanComment(REPO, number, "alice", ":approved:");
  await Promise.all([gitea.stop(), plane.stop()]);
  expect(commentsOn({ gitea, plane }, { tracker: "gitea", repo: REPO, number })).toMatchObject([
    { author: "alice", body: ":approved:", issue: `gitea:${REPO}#${number}` },
  ]);
  const [ours, theirs] = commentsOn({ gitea, plane }, address);
  expect(ours).toMatchObject({ author: "bot", issue: `plane:${PROJECT}/${id}` });
  expect(ours?.body).toMatch(/^<!-- stagecoach:effect:e1 -->\n\*\*ET-001 is done\*\* at `abc`\.\n/);
  expect(theirs).toMatchObject({ author: "alice", body: "/cancelNo.\n" });
});
