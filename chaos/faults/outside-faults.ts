import { rename } from "node:fs/promises";
import type { TrackerName } from "../../src/domain/issue.js";
import { PROJECTS } from "../world/projects.js";
import { MOODS, type Mood } from "../world/tracker-front.js";
import type { Fault } from "./fault.js";

const TRACKERS = ["gitea", "plane"] as const satisfies readonly TrackerName[];

export const badTracker: Fault = {
  name: "the tracker",
  targets: TRACKERS.flatMap((tracker) => MOODS.map((mood) => `${tracker} ${mood}`)),
  shortest: 500,
  longest: 12_000,
  weight: 5,
  async begin({ fronts }, target) {
    const [tracker, mood] = target.split(" ");
    const turnBack = fronts[tracker as TrackerName].turn(mood as Mood);
    return async () => turnBack();
  },
};

export const remoteAway: Fault = {
  name: "git remote away",
  targets: PROJECTS.map(({ name }) => name),
  shortest: 500,
  longest: 15_000,
  weight: 2,
  async begin({ remotes }, name) {
    const path = remotes.paths[name as keyof typeof remotes.paths];
    await rename(path, `${path}.away`);
    return () => rename(`${path}.away`, path);
  },
};

export const fullDisk: Fault = {
  name: "disk full",
  targets: ["checkouts"],
  shortest: 500,
  longest: 10_000,
  weight: 2,
  async begin({ disk }) {
    if (disk.unfillable !== null) return null;
    await disk.fill();
    return () => disk.free();
  },
};
