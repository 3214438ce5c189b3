import type { Queue } from "bullmq";

/** BullMQ's code for a job that is in another state than asked for. */
const NOT_IN_STATE = -3;
/** And for one that is gone. */
const MISSING = -1;

/** Lets a delayed job go on now; false: there is none, or it isn't delayed. */
export async function promoteDelayed({ backend }: Queue, id: string): Promise<boolean> {
  try {
    // As its job does, which would have to be read for that.
    await backend.promote(id);
    return true;
  } catch (error) {
    if (hasCode(error, NOT_IN_STATE) || hasCode(error, MISSING)) return false;
    throw error;
  }
}

function hasCode(error: unknown, code: number): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
