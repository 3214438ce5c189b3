/** States shown on a Plane board; config maps them to the project's own names. */
export type TrackerState = "In Progress" | "In Review" | "Needs Input" | "Blocked" | "Done";
