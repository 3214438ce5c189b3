import { createHttpClient } from "./http-client.js";
import { type PlaneProjectAddress, projectPath } from "./plane-items.js";
import { readStates } from "./plane-states.js";

export interface PlaneProbe {
  /** Names of a project's states. @throws TrackerError: 401 and 403 mean the key */
  states(project: PlaneProjectAddress): Promise<readonly string[]>;
  /** The server's time at its latest answer, in ms since the epoch; null: it doesn't say. */
  at(): number | null;
}

/** What looking whether a fleet is set up right asks of a Plane. */
export function createPlaneProbe(options: {
  /** Root of the server, as `PLANE_URL`. */
  readonly url: string;
  readonly apiKey: string;
  /** Upper bound of each call in ms. */
  readonly timeoutMs: number;
}): PlaneProbe {
  const { url, apiKey, timeoutMs } = options;
  let date = Number.NaN;
  const http = createHttpClient({
    name: "Plane",
    base: `${url.replace(/\/+$/, "")}/api/v1`,
    credential: { header: "x-api-key", value: apiKey, secret: apiKey },
    timeoutMs,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      date = Date.parse(response.headers.get("date") ?? "");
      return response;
    },
  });
  return {
    states: async (project) =>
      (await readStates(http, `${projectPath(project)}states/`)).map(({ name }) => name),
    at: () => (Number.isNaN(date) ? null : date),
  };
}
