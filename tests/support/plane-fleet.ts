import { randomUUID } from "node:crypto";
import { onTestFinished } from "vitest";
import { type PlaneDouble, startPlaneDouble } from "../../src/demo/plane-double.js";
import { BOT, type FleetOptions, REPO, type RunningFleet, runFleet } from "./running-fleet.js";

const SECRET = "a-secret-of-plane-for-tests";
const KEY = "plane-key";
const DESCRIPTION = "<p>Count what the rocket sends, and show it on the page.</p>";

export interface PlaneFleet {
  readonly fleet: RunningFleet;
  readonly plane: PlaneDouble;
  /** Files a work item, which starts an item, and returns its id in Plane. */
  fileItem(name?: string): string;
  /** Plain words of the comments the fleet posted on a work item. */
  said(id: string): readonly string[];
}

/** A whole fleet whose project is in Plane too, gone when the test ends. */
export async function runPlaneFleet(
  options: FleetOptions & {
    /** Our words for states → the project's own. */
    readonly states?: Readonly<Record<string, string>>;
    readonly start?: "created" | "assigned";
  } = {},
): Promise<PlaneFleet> {
  const project = randomUUID();
  const plane = await startPlaneDouble({
    apiKey: KEY,
    bot: BOT,
    workspace: "acme",
    projects: [project],
  });
  onTestFinished(() => plane.stop());
  const { states = {}, start = "created" } = options;
  const settings = options.projects?.[REPO] ?? {};
  const fleet = await runFleet({
    ...options,
    projects: {
      [REPO]: { plane: { workspace: "acme", project, states, start }, ...settings },
    },
    environment: {
      PLANE_URL: plane.url,
      PLANE_API_KEY: KEY,
      PLANE_WEBHOOK_SECRET: SECRET,
      ...options.environment,
    },
  });
  plane.setHook({ url: `${fleet.receiver.url}/webhook/plane`, secret: SECRET });
  return {
    fleet,
    plane,
    fileItem: (name = "Count the telemetry") =>
      plane.addIssue({ project, name, descriptionHtml: DESCRIPTION }).id,
    said: (id) =>
      plane
        .comments(id)
        .filter(({ author }) => author.id === plane.bot.id)
        .map((comment) => comment.html.replace(/<[^>]+>/g, "")),
  };
}
