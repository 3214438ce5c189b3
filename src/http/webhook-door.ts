import { IncomingMessage, ServerResponse } from "node:http";
import Koa from "koa";
import type { Logger } from "../telemetry/logger.js";
import type { AnswerWebhook, WebhookAnswer } from "./webhook-routes.js";

/** Takes the request; false: it is none of its own, and untouched. */
export type Door = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * Lets webhooks in ahead of routing and middleware, which would be a tenth of what each costs. Only
 * a POST to exactly a webhook's path; whatever else leads there goes by the application's routes.
 */
export function createDoor(
  webhooks: Readonly<Record<string, AnswerWebhook>>,
  log: Logger,
  headers: Readonly<Record<string, string>>,
): Door {
  const answers = new Map(Object.entries(webhooks));
  return (request, response) => {
    const answered = request.method === "POST" ? answers.get(request.url ?? "") : undefined;
    if (answered === undefined) return false;
    answered(request)
      .catch((err: unknown) => faulty(log, err, request.url))
      .then((answer) => write(response, answer, headers))
      .catch((err: unknown) => log.error({ err }, "answer failed"));
    return true;
  };
}

function faulty(log: Logger, err: unknown, path: string | undefined): WebhookAnswer {
  log.error({ err, path }, "request failed");
  return { status: 500, body: { detail: "Internal error" }, retryAfter: null };
}

function write(
  response: ServerResponse,
  { status, body, retryAfter }: WebhookAnswer,
  headers: Readonly<Record<string, string>>,
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    ...headers,
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
    ...(retryAfter === null ? {} : { "Retry-After": retryAfter }),
  });
  response.end(text);
}

/** An application whose requests come by a door first. */
export class DoorApp extends Koa {
  readonly #door: Door;

  constructor(door: Door) {
    super();
    this.#door = door;
  }

  override callback(): ReturnType<Koa["callback"]> {
    const rest = super.callback();
    return async (request, response) => {
      // Koa's types allow HTTP/2, which this receiver doesn't speak.
      const plain = request instanceof IncomingMessage && response instanceof ServerResponse;
      if (!plain || !this.#door(request, response)) await rest(request, response);
    };
  }
}
