import type { FlowPlan, Flows } from "../engine/flows.js";
import type { RedisConnection } from "./connection.js";
import { slotKeys } from "./keys.js";
import { script } from "./script.js";

/** How a flow becomes jobs, in the words of a script. */
export interface FlowJobs {
  /** Lua of the queue's own scripts that add a flow, by the names it is included under. */
  readonly lua: Readonly<Record<string, string>>;
  /** Parents before their children. */
  jobsOf(plan: FlowPlan): readonly FlowEntry[];
}

/** A job as the script takes it. */
interface FlowEntry {
  readonly key: string;
  /** Of its queue's keys, before their names. */
  readonly prefix: string;
  readonly id: string;
  readonly name: string;
  /** JSON. */
  readonly data: string;
  /** JSON. */
  readonly options: string;
  /** Its parent's place in the list, from 1. */
  readonly parent: number | null;
  /** The item whose slot this job waits for. */
  readonly awaitsSlotOf: string | null;
}

/**
 * Adds a flow's jobs by one script. What BullMQ does around its own for each of them, an object, its options
 * packed, a command and a promise, was most of what a flow cost, as with deliveries (decision 16).
 */
export function createFlowStore(
  redis: RedisConnection,
  prefix: string,
  { lua, jobsOf }: FlowJobs,
): Pick<Flows, "add"> {
  const addFlow = script(redis, "add-flow", lua);
  const { grants } = slotKeys(prefix);
  return {
    async add(plan) {
      const jobs = jobsOf(plan);
      const names = [grants, ...jobs.map(({ key }) => key)];
      return Number(await addFlow(names, [Date.now(), ...jobs.flatMap(argumentsOf)])) === 1;
    },
  };
}

/** What the script takes of each job. */
function argumentsOf({ prefix, id, name, data, options, parent, awaitsSlotOf }: FlowEntry) {
  return [prefix, id, name, data, options, parent ?? "", awaitsSlotOf ?? ""];
}
