import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type GiveBack, standing } from "./standing.js";

/**
 * `failing`: 500. `hanging`: no answer comes. `cutting`: the line is cut before the tracker has heard
 * the request. `deaf`: it has done what it was asked for, and the line is cut before its answer.
 */
export const MOODS = ["failing", "hanging", "cutting", "deaf"] as const;
export type Mood = (typeof MOODS)[number];

/** Stands before a tracker's double, for the fleet alone. */
export interface TrackerFront {
  readonly url: string;
  /** Until it is given back; of several the latest is played. */
  turn(mood: Mood): GiveBack;
  stop(): Promise<void>;
}

export async function startTrackerFront(tracker: string): Promise<TrackerFront> {
  const hanging = new Set<ServerResponse>();
  const moods = standing<Mood>((ended) => {
    if (ended !== "hanging") return;
    for (const response of hanging) response.destroy();
    hanging.clear();
  });
  const server = createServer((incoming, response) => {
    switch (moods.all().at(-1)) {
      case undefined:
        return forward(tracker, incoming, response, false);
      case "deaf":
        return forward(tracker, incoming, response, true);
      case "failing":
        incoming.resume();
        response.writeHead(500, { "content-type": "text/html" }).end("<h1>Oops</h1>");
        return;
      case "cutting":
        incoming.socket.destroy();
        return;
      case "hanging":
        incoming.resume();
        hanging.add(response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    turn: (mood) => moods.begin(mood),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function forward(
  tracker: string,
  incoming: IncomingMessage,
  response: ServerResponse,
  deaf: boolean,
): void {
  const { method, url, headers } = incoming;
  const asked = request(`${tracker}${url}`, { method, headers, agent: false }, (answer) => {
    if (deaf) {
      answer.resume().once("end", () => response.destroy());
      return;
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  asked.on("error", () => response.destroy());
  incoming.pipe(asked);
}
