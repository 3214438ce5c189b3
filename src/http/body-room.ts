/** Bytes a body may have without asking for room: nearly every webhook has less. */
export const SMALL_BODY = 32 * 1024;
const ROOM = 256 * 1024 * 1024;

/**
 * What large bodies under way may take up together. A signature can only be checked once its body is
 * whole, so without this anybody could have the receiver hold a body's limit for each connection.
 */
export interface BodyRoom {
  /** False, and nothing taken, where there is no more room. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/** @param size in bytes */
export function createBodyRoom(size = ROOM): BodyRoom {
  let free = size;
  return {
    take(bytes) {
      if (bytes > free) return false;
      free -= bytes;
      return true;
    },
    give(bytes) {
      free += bytes;
    },
  };
}
