/** BullMQ's package holds its scripts as text, and no types of them beside its CommonJS build. */
declare module "bullmq/dist/cjs/scripts/addStandardJob-9.js" {
  export const addStandardJob: {
    /** Lua. */
    readonly content: string;
    /** How many KEYS it takes. */
    readonly keys: number;
  };
}
