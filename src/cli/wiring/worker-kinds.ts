export const WORKER_KINDS = ["parser", "stage", "agent", "notifier"] as const;
export type WorkerKind = (typeof WORKER_KINDS)[number];
