import { giteaWorld, planeWorld } from "../support/tracker-worlds.js";
import { trackerContract } from "./tracker.js";

trackerContract("Gitea", giteaWorld);
trackerContract("Plane", () => planeWorld("current"));
trackerContract("Plane of old", () => planeWorld("old"));
