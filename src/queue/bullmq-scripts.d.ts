/** BullMQ's package holds its scripts as text, and no types of them beside its CommonJS build. */
interface BullmqScript {
  /** Lua. */
  readonly content: string;
}
declare module "bullmq/dist/cjs/scripts/addStandardJob-9.js" {
  export const addStandardJob: BullmqScript;
}
declare module "bullmq/dist/cjs/scripts/addDelayedJob-6.js" {
  export const addDelayedJob: BullmqScript;
}
declare module "bullmq/dist/cjs/scripts/addParentJob-6.js" {
  export const addParentJob: BullmqScript;
}
declare module "bullmq/dist/cjs/scripts/releaseParentIfNoPendingDependencies-2.js" {
  export const releaseParentIfNoPendingDependencies: BullmqScript;
}
