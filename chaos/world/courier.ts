import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { TrackerName } from "../../src/domain/issue.js";
import { fingerprintOf } from "../../src/webhooks/fingerprint.js";
import type { Dice } from "../../tests/support/dice.js";

/** Trackers give up after so many ms. */
const TIMEOUT_MS = 5_000;
const MOST_COPIES = 3;
const LATE_MS = 5_000;
/** Trackers lose one now and then, and never tell. */
const LOST = 0.01;

/** A delivery as the tracker handed it over, and what became of its copies. */
export interface Carried {
  readonly source: TrackerName;
  readonly fingerprint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Status and the answer's word; nobody answered: none. */
  readonly answers: { readonly status: number; readonly said: string }[];
}

/** Stands between the trackers and the receivers as a bad network does. */
export interface Courier {
  /** Where a tracker's webhooks go. */
  urlOf(source: TrackerName): string;
  readonly carried: readonly Carried[];
  /** From now on everything arrives, once, in its order. */
  calm(): void;
  /** Nothing is on its way. */
  isIdle(): boolean;
  stop(): Promise<void>;
}

/**
 * Sends every delivery up to three times under different ids, some late, so that they overtake each
 * other, each to any of the receivers; loses a few.
 */
export async function startCourier(receivers: readonly string[], dice: Dice): Promise<Courier> {
  const carried: Carried[] = [];
  let under = 0;
  let calm = false;
  const carry = async (delivery: Carried, delayMs: number): Promise<void> => {
    under += 1;
    await pause(delayMs);
    const answer = await hand(dice.of(receivers), delivery);
    if (answer !== null) delivery.answers.push(answer);
    under -= 1;
  };
  const take = (source: TrackerName, headers: Record<string, string>, body: string) => {
    const fingerprint = fingerprintOf(source, Buffer.from(body));
    const delivery: Carried = { source, fingerprint, headers, body, answers: [] };
    carried.push(delivery);
    if (calm) return void carry(delivery, 0);
    if (dice.chance(LOST)) return;
    const copies = 1 + dice.below(MOST_COPIES);
    for (let copy = 0; copy < copies; copy += 1) {
      void carry(delivery, dice.below(dice.chance(0.2) ? LATE_MS : 200));
    }
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.end("taken");
    const source = request.url === pathOf("plane") ? "plane" : "gitea";
    take(source, namedHeaders(request.headers), Buffer.concat(chunks).toString("utf8"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    urlOf: (source) => `http://127.0.0.1:${port}${pathOf(source)}`,
    carried,
    calm: () => {
      calm = true;
    },
    isIdle: () => under === 0,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function pathOf(source: TrackerName): string {
  return `/webhook/${source}`;
}

const ID_HEADERS: Readonly<Record<TrackerName, readonly string[]>> = {
  gitea: ["x-gitea-delivery", "x-gogs-delivery", "x-github-delivery"],
  plane: ["x-plane-delivery"],
};

/** Under an id of its own, as Gitea's replays and Plane's retries; null: nobody answered. */
async function hand(receiver: string, { source, headers, body }: Carried) {
  const id = randomUUID();
  const ids = Object.fromEntries(ID_HEADERS[source].map((name) => [name, id]));
  try {
    const response = await fetch(receiver + pathOf(source), {
      method: "POST",
      headers: { ...headers, ...ids },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, said: saidIn(await response.text()) };
  } catch (error) {
    // A receiver that is down, frozen or killed meanwhile: what the courier is there to play.
    if (error instanceof TypeError || error instanceof DOMException) return null;
    throw error;
  }
}

function saidIn(text: string): string {
  return /"status":"(\w+)"/.exec(text)?.[1] ?? text.slice(0, 80);
}

function namedHeaders(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === "string" && /^(x-|content-type|user-agent)/.test(name)
        ? [[name, value] as const]
        : [],
    ),
  );
}
