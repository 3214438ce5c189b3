import { looksLikeStart } from "../domain/events.js";
import { EXPECTED_MS } from "../engine/slots.js";
import { withDeadline } from "../webhooks/deadline.js";
import { gather } from "../webhooks/gather.js";
import type { AcceptedDelivery, DeliveryIntake, ReadDelivery } from "../webhooks/ports.js";
import type { RedisConnection } from "./connection.js";
import {
  DELIVERY_RETENTION,
  type DeliveryRetention,
  ledgerKeys,
  orUnavailable,
} from "./delivery-ledger.js";
import { slotKeys } from "./keys.js";
import { type Script, script } from "./script.js";

/** How deliveries become jobs, in the words of a script. */
export interface DeliveryJobs {
  /** Lua of the queue's own script that adds a job. */
  readonly lua: string;
  /** Of a job's key, before its id. */
  readonly prefix: string;
  /** The job, its data as JSON. */
  jobOf(delivery: AcceptedDelivery): {
    readonly id: string;
    readonly name: string;
    readonly data: string;
  };
}

const IGNORED_MS = 60_000;
/** Bytes that one script takes: Redis does nothing else meanwhile, and begins before the turn is over. */
const MOST_BYTES = 256 * 1024;
/** What a delivery weighs besides its body. */
const OVERHEAD_BYTES = 8 * 1024;
/** Within this Redis must have answered, so that a sender hears 503 within 2 s. */
const DEADLINE_MS = 1_500;

type Answer = "new" | "duplicate";
type Argument = string | number | Buffer;

/**
 * Deliveries on their way into Redis: ledger, body and job in one Lua script, for all that come together.
 * The job is added by BullMQ's own script, made part of this one, since scripts can't call each other.
 */
export function createDeliveryIntake(
  redis: RedisConnection,
  prefix: string,
  jobs: DeliveryJobs,
  retention: DeliveryRetention = DELIVERY_RETENTION,
): DeliveryIntake {
  const keys = ledgerKeys(prefix);
  const takeAll = script(redis, "take-deliveries", { "bullmq/add-standard-job": jobs.lua });
  const lives = [retention.deliveriesMs, IGNORED_MS, retention.bodiesMs];
  const { expected } = slotKeys(prefix);
  const namesOf = ({ entry: { delivery, fingerprint }, reading }: ReadDelivery) => [
    keys.delivery(delivery),
    keys.fingerprint(fingerprint),
    keys.body(fingerprint),
    expected(reading.kind === "event" ? reading.event.project : ""),
  ];
  const go = async (deliveries: readonly ReadDelivery[]) => {
    const names = [keys.log, ...deliveries.flatMap(namesOf)];
    const args: Argument[] = [...lives, jobs.prefix, Date.now(), EXPECTED_MS];
    for (const delivery of deliveries) args.push(...argumentsOf(delivery, jobs));
    return answersOf(takeAll, names, args);
  };
  const weigh = ({ body }: ReadDelivery) => OVERHEAD_BYTES + body.length;
  return { take: gather({ most: MOST_BYTES, weigh, go }) };
}

/** What the script takes of each delivery. */
function argumentsOf({ entry, reading, body }: ReadDelivery, jobs: DeliveryJobs): Argument[] {
  const { delivery, fingerprint, at } = entry;
  const logged = [JSON.stringify(entry), Date.parse(at)];
  if (reading.kind === "ignored") {
    return ["ignored", ...logged, JSON.stringify(reading.reason), body, "", "", "", ""];
  }
  const { event } = reading;
  const { id, name, data } = jobs.jobOf({ delivery, fingerprint, event, receivedAt: at });
  const number = event.kind === "issue" && looksLikeStart(event) ? event.number : "";
  return ["accepted", ...logged, '""', body, id, name, data, number];
}

function answersOf(
  takeAll: Script,
  names: readonly string[],
  args: readonly Argument[],
): Promise<readonly Answer[]> {
  return orUnavailable("The delivery cannot be taken in", async () => {
    const words = await withDeadline(takeAll(names, args), DEADLINE_MS);
    return String(words).split(" ").map(asAnswer);
  });
}

function asAnswer(word: string): Answer {
  if (word === "new" || word === "duplicate") return word;
  throw new Error(`take-deliveries answered ${word}`);
}
