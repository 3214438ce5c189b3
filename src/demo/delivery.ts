import { createHmac } from "node:crypto";

/** A webhook request as a tracker sends it. */
export interface Delivery {
  /** The exact bytes that are signed. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Hook {
  /** The receiver's endpoint for this tracker. */
  readonly url: string;
  readonly secret: string;
}

/** What became of a delivery; `status` is null when nobody answered. */
export interface Delivered {
  readonly event: string;
  readonly status: number | null;
  readonly answer: string;
}

/** Adds the signature headers Gitea sends. */
export function signedByGitea(delivery: Delivery, secret: string): Delivery {
  const sha256 = hmac("sha256", delivery.body, secret);
  return {
    ...delivery,
    headers: {
      ...delivery.headers,
      "X-Gitea-Signature": sha256,
      "X-Gogs-Signature": sha256,
      "X-Hub-Signature": `sha1=${hmac("sha1", delivery.body, secret)}`,
      "X-Hub-Signature-256": `sha256=${sha256}`,
    },
  };
}

/** Adds the signature header Plane sends. */
export function signedByPlane(delivery: Delivery, secret: string): Delivery {
  const signature = hmac("sha256", delivery.body, secret);
  return { ...delivery, headers: { ...delivery.headers, "X-Plane-Signature": signature } };
}

function hmac(algorithm: "sha1" | "sha256", body: string, secret: string): string {
  return createHmac(algorithm, secret).update(body).digest("hex");
}

/** Gitea gives up after 5 s and never tries again. */
const TIMEOUT_MS = 5_000;

/** Posts a delivery. A receiver that can't be reached is an outcome, as it is for the trackers. */
export async function deliver(url: string, delivery: Delivery): Promise<Delivered> {
  const event = delivery.headers["X-Gitea-Event-Type"] ?? delivery.headers["X-Plane-Event"] ?? "";
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: delivery.headers,
      body: delivery.body,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { event, status: response.status, answer: await response.text() };
  } catch (error) {
    return { event, status: null, answer: error instanceof Error ? error.name : String(error) };
  }
}

/** Sends in the order of what happened, without making whoever caused it wait. */
export interface Outbox {
  /** Null: nowhere to send. */
  hook: Hook | null;
  readonly delivered: readonly Delivered[];
  push(delivery: Delivery): void;
  /** Nothing is sent until the function it returns is called; then all of it is. */
  hold(): () => void;
  /** Resolves when everything pushed so far was sent. */
  settled(): Promise<void>;
}

export function createOutbox(sign: (delivery: Delivery, secret: string) => Delivery): Outbox {
  const delivered: Delivered[] = [];
  let last: Promise<void> = Promise.resolve();
  let held: Delivery[] | null = null;
  const outbox: Outbox = {
    hook: null,
    delivered,
    hold: () => {
      const late: Delivery[] = [];
      held = late;
      return () => {
        held = null;
        for (const delivery of late) outbox.push(delivery);
      };
    },
    push: (delivery) => {
      if (held !== null) {
        held.push(delivery);
        return;
      }
      const hook = outbox.hook;
      if (hook === null) return;
      const signed = sign(delivery, hook.secret);
      last = last.then(async () => {
        delivered.push(await deliver(hook.url, signed));
      });
    },
    settled: () => last,
  };
  return outbox;
}
