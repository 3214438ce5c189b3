import { z } from "zod";
import type { DomainEvent } from "../domain/events.js";
import type { IssueAddress } from "../domain/issue.js";
import { RECOVERIES } from "../domain/recovery.js";
import type { OutboundEffect } from "../engine/flows.js";

/** The version of job data this code writes; a worker delays jobs of a newer one. */
export const DATA_VERSION = 1;

const v = z.number().int().positive();
const item = z.string().min(1);
const version = z.number().int().positive();
const trigger = z.enum(["run", "person", "webhook"]);
const evaluation = z.string().min(1);

/** Shapes that other modules own are checked for being objects of a kind; the store decides the rest. */
const domainEvent = z.custom<DomainEvent>(hasKind);
const outboundEffect = z.custom<OutboundEffect>(hasKind);
const issueAddress = z.custom<IssueAddress>(
  (value) => typeof value === "object" && value !== null && "tracker" in value,
);

function hasKind(value: unknown): boolean {
  return typeof value === "object" && value !== null && "kind" in value;
}

/** Of jobs that ended: they stay until they have passed their age (`job-retention.ts`). */
const BY_AGE = {};
const A_FEW = { removeOnComplete: { count: 20 }, removeOnFail: { count: 100 } };
const PATIENT = {
  attempts: 12,
  backoff: { type: "exponential", delay: 1_000, jitter: 0.5 },
} as const;

/** Every kind of job: the only way onto a queue. Data is parsed when added and when taken. */
export const CATALOG = {
  deliveries: {
    schema: z.object({
      v,
      delivery: z.string(),
      fingerprint: z.string(),
      event: domainEvent,
      receivedAt: z.string(),
      /** Which replay of the delivery this is, from 1. */
      replay: z.number().int().positive().optional(),
      recovery: z.object({ kind: z.enum(RECOVERIES), reason: z.string() }).optional(),
    }),
    options: PATIENT,
    kept: BY_AGE,
  },
  stages: {
    schema: z.object({ v, item, version, evaluation }),
    options: PATIENT,
    kept: BY_AGE,
  },
  gates: {
    schema: z.object({ v, item, version, evaluation, trigger }),
    options: PATIENT,
    kept: BY_AGE,
  },
  runs: {
    schema: z.object({ v, item, version }),
    // How a run ended is an outcome and not tried again; a fault around it, as of Redis, is.
    options: PATIENT,
    kept: BY_AGE,
  },
  dependencies: {
    schema: z.object({ v, item, version, blocker: z.string() }),
    options: PATIENT,
    kept: BY_AGE,
  },
  slots: {
    schema: z.object({ v, item, version }),
    options: PATIENT,
    kept: BY_AGE,
  },
  notifications: {
    schema: z.object({
      v,
      address: issueAddress,
      project: z.string(),
      item: z.string().nullable(),
      effect: outboundEffect,
    }),
    options: PATIENT,
    kept: BY_AGE,
  },
  maintenance: {
    /**
     * `wake`: only admits, since something ended that kept somebody from a slot. `reconcile`: compares
     * with the trackers instead.
     */
    schema: z.object({ v, wake: z.boolean().optional(), reconcile: z.boolean().optional() }),
    options: { attempts: 1 },
    kept: A_FEW,
  },
} as const;

export type QueueName = keyof typeof CATALOG;
export type JobData<Name extends QueueName> = z.infer<(typeof CATALOG)[Name]["schema"]>;

export const QUEUE_NAMES = Object.keys(CATALOG) as QueueName[];
