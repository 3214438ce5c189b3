/** States shown on a Plane board; config maps them to the project's own names. */
export const TRACKER_STATES = [
  "In Progress",
  "In Review",
  "Needs Input",
  "Blocked",
  "Done",
] as const;
export type TrackerState = (typeof TRACKER_STATES)[number];
