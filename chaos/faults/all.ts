import type { Fault } from "./fault.js";
import { killedProcess } from "./killed-process.js";
import { killedRedis } from "./killed-redis.js";

export const FAULTS: readonly Fault[] = [killedProcess, killedRedis];
