import { StoreUnavailable } from "./ports.js";

/**
 * The promise's own outcome, or StoreUnavailable after `ms`. The work itself goes on: it is safe to
 * finish late, and what it throws then is nobody's concern any more.
 */
export async function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StoreUnavailable(`No answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
