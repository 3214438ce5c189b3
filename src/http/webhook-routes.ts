import type { IncomingMessage } from "node:http";
import type { Middleware } from "koa";
import type { TrackerName } from "../domain/issue.js";
import type { Logger } from "../telemetry/logger.js";
import type { Metrics } from "../telemetry/metrics.js";
import type { Ingest, Ingested } from "../webhooks/ingest.js";
import type { BodyRoom } from "./body-room.js";
import { type RawBody, readRawBody } from "./raw-body.js";

/** What a webhook request comes to: the decision, or that there was none to make. */
type Outcome = Ingested | Exclude<RawBody, { kind: "whole" }>;

const STATUS = {
  accepted: 200,
  duplicate: 200,
  ignored: 200,
  "too-large": 413,
  crowded: 413,
  unsigned: 401,
  unsupported: 415,
  malformed: 400,
  aborted: 400,
  unavailable: 503,
} as const satisfies Record<Outcome["kind"], number>;

/** Seconds after which the store may be back, and the crowd gone. */
const RETRY_AFTER = "5";
const MAY_COME_AGAIN: readonly Outcome["kind"][] = ["unavailable", "crowded"];

export interface WebhookDeps {
  readonly ingest: Ingest;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Bytes. */
  readonly bodyLimit: number;
  /** Of all bodies under way. */
  readonly bodyRoom: BodyRoom;
}

/** What is answered to a webhook, whoever writes it down. */
export interface WebhookAnswer {
  readonly status: number;
  readonly body: object;
  /** Seconds; null where sending again wouldn't help. */
  readonly retryAfter: string | null;
}

/** Reads a webhook's body, lets `ingest` decide, answers by the table. */
export type AnswerWebhook = (request: IncomingMessage) => Promise<WebhookAnswer>;

export function answerWebhook(source: TrackerName, deps: WebhookDeps): AnswerWebhook {
  return async (request) => {
    const began = performance.now();
    const { headers } = request;
    const body = await readRawBody(request, deps.bodyLimit, deps.bodyRoom);
    const outcome: Outcome =
      body.kind === "whole" ? await deps.ingest({ source, headers, body: body.bytes }) : body;
    deps.metrics.delivery(source, outcome.kind, (performance.now() - began) / 1_000);
    logOutcome(deps.log, source, outcome);
    const retryAfter = MAY_COME_AGAIN.includes(outcome.kind) ? RETRY_AFTER : null;
    return { status: STATUS[outcome.kind], body: answer(outcome), retryAfter };
  };
}

/** The same as a route of the application. */
export function webhook(answered: AnswerWebhook): Middleware {
  return async (ctx) => {
    const { status, body, retryAfter } = await answered(ctx.req);
    ctx.status = status;
    ctx.body = body;
    if (retryAfter !== null) ctx.set("Retry-After", retryAfter);
  };
}

function answer(outcome: Outcome): object {
  switch (outcome.kind) {
    case "accepted": {
      const { delivery, issue } = outcome;
      if (issue === null) return { status: "accepted", delivery };
      return { status: "success", action: issue.action, issue_number: issue.number, delivery };
    }
    case "duplicate":
      return { status: "duplicate" };
    case "ignored":
      return { status: "ignored", reason: outcome.reason };
    case "unsigned":
      return { detail: "Invalid or missing signature" };
    case "malformed":
      return { detail: outcome.detail };
    case "too-large":
      return { detail: "The body is too large" };
    case "crowded":
      return { detail: "The body is too large while so many others come in, try again" };
    case "unsupported":
      return { detail: "Neither JSON nor a form" };
    case "aborted":
      return { detail: "The body did not arrive whole" };
    case "unavailable":
      return { detail: "The store is unavailable, try again" };
  }
}

function logOutcome(log: Logger, source: TrackerName, outcome: Outcome): void {
  switch (outcome.kind) {
    case "accepted":
      log.info({ delivery: outcome.delivery }, "delivery accepted");
      break;
    case "duplicate":
    case "ignored":
      log.debug(outcome, "nothing to do");
      break;
    case "unavailable":
      log.error({ delivery: outcome.delivery, err: outcome.cause }, "delivery not stored");
      break;
    case "malformed":
      log.warn({ source, detail: outcome.detail }, "delivery refused: malformed");
      break;
    default:
      log.warn({ source }, `delivery refused: ${outcome.kind}`);
  }
}
